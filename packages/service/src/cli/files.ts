import { once } from 'node:events'
import { progressLine } from 'assay/terminal'
import { Command } from 'commander'
import { CONNECTION_HELP, clientOf, connects } from './connection.ts'
import { print, printOne } from './output.ts'

const COLUMNS = ['id', 'filename', 'purpose', 'bytes', 'created_at']

/** `assay files`: what `/v1/files` does. */
export function filesCommand(): Command {
  const files = new Command('files')
    .description('Upload training files; read and delete files, results among them.')
    .addHelpText('after', `\n${CONNECTION_HELP}`)
  connects(
    files
      .command('upload')
      .argument(
        '<file>',
        'training file: JSON lines, conversations or preference pairs; `assay check` says first what would become of it',
      ),
  )
    .description('Upload a training file; it is kept encrypted under the key of its resource.')
    .option('--json', 'print JSON')
    .action(async (path, options) => printOne(await clientOf(options).upload<object>(path), options.json))
  connects(files.command('list'))
    .description('List files, newest first.')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { data } = await clientOf(options).get<{ data: object[] }>('/v1/files')
      print(data, COLUMNS, options.json, 'No files yet. `assay files upload FILE` sends one.')
    })
  connects(files.command('get').argument('<id>', 'id of a file'))
    .description('Show what is known of a file, without its content.')
    .option('--json', 'print JSON')
    .action(async (id, options) =>
      printOne(await clientOf(options).get<object>(`/v1/files/${encodeURIComponent(id)}`), options.json),
    )
  connects(files.command('content').argument('<id>', 'id of a file'))
    .description("Write a file's content to standard output.")
    .action(async (id, options) => {
      const content = await clientOf(options).content(`/v1/files/${encodeURIComponent(id)}/content`)
      const progress = progressLine((bytes: number) => `${Math.round(bytes / 1e6)} MB written`)
      let bytes = 0
      try {
        for await (const part of content) {
          // Waits where whoever reads it is slower than the service.
          if (!process.stdout.write(part)) await once(process.stdout, 'drain')
          bytes += part.length
          if (!process.stdout.isTTY) progress.show(bytes)
        }
      } finally {
        progress.end()
      }
    })
  connects(files.command('delete').argument('<id>', 'id of a file'))
    .description('Delete a file for good.')
    .option('--json', 'print JSON')
    .action(async (id, options) =>
      printOne(await clientOf(options).delete<object>(`/v1/files/${encodeURIComponent(id)}`), options.json),
    )
  return files
}
