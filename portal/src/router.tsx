import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { Failure, Loading } from './elements/states.tsx'
import { JobsPage } from './jobs/jobs-page.tsx'
import { NotFoundPage } from './shell/not-found-page.tsx'
import { Shell } from './shell/shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage })
const getParentRoute = () => root

const home = createRoute({
  getParentRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/jobs', replace: true })
  },
})

const jobs = createRoute({ getParentRoute, path: '/jobs', component: JobsPage })

const newJob = createRoute({
  getParentRoute,
  path: '/jobs/new',
  validateSearch: (search): { file?: string } => (typeof search.file === 'string' ? { file: search.file } : {}),
  component: lazyRouteComponent(() => import('./jobs/new-job-page.tsx'), 'NewJobPage'),
})

const job = createRoute({
  getParentRoute,
  path: '/jobs/$id',
  // What was seen of one job is not drawn into another.
  remountDeps: ({ params }) => params,
  component: lazyRouteComponent(() => import('./jobs/job-page.tsx'), 'JobPage'),
})

const jobOverview = createRoute({
  getParentRoute: () => job,
  path: '/',
  component: lazyRouteComponent(() => import('./jobs/job-overview.tsx'), 'JobOverview'),
})

const jobEvaluation = createRoute({
  getParentRoute: () => job,
  path: '/evaluation',
  component: lazyRouteComponent(() => import('./evaluation/evaluation-page.tsx'), 'EvaluationPage'),
})

const checkFile = createRoute({
  getParentRoute,
  path: '/check-file',
  validateSearch: (search): { file?: string } => (typeof search.file === 'string' ? { file: search.file } : {}),
  component: lazyRouteComponent(() => import('./check-file/check-file-page.tsx'), 'CheckFilePage'),
})

const files = createRoute({
  getParentRoute,
  path: '/files',
  component: lazyRouteComponent(() => import('./files/files-page.tsx'), 'FilesPage'),
})

const models = createRoute({
  getParentRoute,
  path: '/models',
  component: lazyRouteComponent(() => import('./models/models-page.tsx'), 'ModelsPage'),
})

const attestation = createRoute({
  getParentRoute,
  path: '/models/$model',
  component: lazyRouteComponent(() => import('./models/attestation-page.tsx'), 'AttestationPage'),
})

const playground = createRoute({
  getParentRoute,
  path: '/playground',
  validateSearch: (search): { model?: string } => (typeof search.model === 'string' ? { model: search.model } : {}),
  component: lazyRouteComponent(() => import('./playground/playground-page.tsx'), 'PlaygroundPage'),
})

const usage = createRoute({
  getParentRoute,
  path: '/usage',
  component: lazyRouteComponent(() => import('./usage/usage-page.tsx'), 'UsagePage'),
})

const keys = createRoute({
  getParentRoute,
  path: '/keys',
  component: lazyRouteComponent(() => import('./keys/keys-page.tsx'), 'KeysPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    jobs,
    newJob,
    job.addChildren([jobOverview, jobEvaluation]),
    checkFile,
    files,
    models,
    attestation,
    playground,
    usage,
    keys,
  ]),
  defaultPreload: 'intent',
  defaultPendingComponent: () => <Loading what="the page" />,
  defaultErrorComponent: ({ error, reset }) => <Failure error={error as Error} retry={reset} />,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
