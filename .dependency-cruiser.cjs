// The arrows go one way. A room's door is its index.ts; others import only that.
const room = (name) => `^packages/assay/src/${name}/`

module.exports = {
  forbidden: [
    {
      name: 'evaluator-knows-no-service',
      comment: '`service` imports `assay`, never the reverse.',
      severity: 'error',
      from: { path: '^packages/assay/' },
      to: { path: '^packages/service/|assay-service' },
    },
    {
      name: 'only-through-the-door',
      comment: 'A room is imported by its index.ts.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^packages/([^/]+)/src/([^/]+)/.+',
        pathNot: ['^packages/$1/src/$2/', '^packages/[^/]+/src/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'harm-imports-nothing',
      severity: 'error',
      from: { path: room('harm'), pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/', pathNot: room('harm') },
    },
    {
      name: 'evaluator-reads-no-disk',
      comment: 'Only its command line does: weights and rows arrive as bytes.',
      severity: 'error',
      from: { path: '^packages/assay/src/', pathNot: '^packages/assay/src/cli/|\\.test\\.ts$' },
      to: { path: '^(node:)?(fs|fs/promises|child_process|net|http|https)$' },
    },
    {
      name: 'attestation-runs-in-a-browser',
      severity: 'error',
      from: { path: room('attestation'), pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'portal-knows-the-service-by-its-api',
      comment:
        'Of the packages it takes what runs in a browser: attestations are verified by the same code as at the gate.',
      severity: 'error',
      from: { path: '^portal/src/' },
      to: { path: '^packages/', pathNot: '^packages/assay/src/(attestation|harm)/index\\.ts$' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: { pathNot: '^packages/assay/bin/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'node_modules|^packages/[^/]+/dist/' },
    enhancedResolveOptions: {
      conditionNames: ['assay-source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
}
