import type { Command } from 'commander'
import { baseCommand } from './base.ts'
import { chatCommand } from './chat.ts'
import { contentFiltersCommand } from './content-filters.ts'
import { deployCommand } from './deploy.ts'
import { filesCommand } from './files.ts'
import { importCommand } from './import.ts'
import { jobsCommand } from './jobs.ts'
import { keysCommand } from './keys.ts'
import { modelsCommand } from './models.ts'
import { resourcesCommand } from './resources.ts'
import { serveCommand } from './serve.ts'
import { setupCommand } from './setup.ts'
import { usageCommand } from './usage.ts'

export { openLocalModel } from './local-model.ts'
export { type Service, type ServiceOptions, startService } from './start-service.ts'

/** The service's commands, for the `assay` program. */
export function addServiceCommands(program: Command): void {
  const commands = [
    setupCommand,
    serveCommand,
    jobsCommand,
    filesCommand,
    modelsCommand,
    deployCommand,
    contentFiltersCommand,
    chatCommand,
    keysCommand,
    resourcesCommand,
    usageCommand,
    baseCommand,
    importCommand,
  ]
  for (const command of commands) program.addCommand(command())
}
