import { z } from 'zod'
import {
  type ContentFilterConfiguration,
  DEFAULT_CONFIGURATION,
  isSystemConfiguration,
} from '../../content-filters/index.ts'
import { text } from './text.ts'

const contentFilter = z.strictObject({
  name: text.min(1).max(100),
  source: z.enum(['Prompt', 'Completion']),
  enabled: z.boolean().default(true),
  blocking: z.boolean().default(true),
  severityThreshold: z.enum(['Low', 'Medium', 'High']).default('Medium'),
})

const none = z.array(z.unknown()).max(0, { error: 'there are none here' }).nullish()

const properties = z.strictObject({
  basePolicyName: text.default(DEFAULT_CONFIGURATION.name),
  mode: z
    .enum(['Default', 'Blocking'], { error: 'a reply is always judged before it is sent: Default or Blocking' })
    .default('Default'),
  contentFilters: z.array(contentFilter).max(50).default([]),
  customBlocklists: none,
  customTopics: none,
  // What a client read here, it may send back.
  type: z.unknown().optional(),
})

/** A content filter configuration as Azure Resource Manager writes it; what no filter here can do is refused. */
export const raiPolicyBody = z.looseObject({ properties, tags: z.strictObject({}).nullish() })

const ARM_TYPE = 'Microsoft.CognitiveServices/accounts/raiPolicies'

export const raiPolicy = z
  .object({
    id: z.string().describe('its path'),
    name: z.string(),
    type: z.literal(ARM_TYPE),
    properties: z.object({
      type: z.enum(['SystemManaged', 'UserManaged']),
      basePolicyName: z.string(),
      mode: z.enum(['Default', 'Blocking']),
      contentFilters: z.array(
        z.object({
          name: z.string(),
          source: z.enum(['Prompt', 'Completion']),
          enabled: z.boolean(),
          blocking: z.boolean(),
          severityThreshold: z.enum(['Low', 'Medium', 'High']),
        }),
      ),
    }),
  })
  .meta({ id: 'RaiPolicy' })

/** @param path of the configuration */
export function showRaiPolicy(configuration: ContentFilterConfiguration, path: string): z.infer<typeof raiPolicy> {
  const { name, basePolicyName, mode, contentFilters } = configuration
  const type = isSystemConfiguration(name) ? 'SystemManaged' : 'UserManaged'
  return {
    id: path,
    name,
    type: ARM_TYPE,
    properties: { type, basePolicyName, mode, contentFilters: [...contentFilters] },
  }
}
