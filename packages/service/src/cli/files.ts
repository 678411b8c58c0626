import { Command } from 'commander'
import { clientOf, connects } from './connection.ts'
import { print, printOne } from './output.ts'

const COLUMNS = ['id', 'filename', 'purpose', 'bytes', 'created_at']

/** `assay files`: what `/v1/files` does. */
export function filesCommand(): Command {
  const files = new Command('files').description('training and result files')
  connects(files.command('upload').argument('<file>', 'training file, JSONL'))
    .description('upload a training file')
    .option('--json', 'as JSON')
    .action(async (path, options) => printOne(await clientOf(options).upload<object>(path), options.json))
  connects(files.command('list'))
    .description('list files')
    .option('--json', 'as JSON')
    .action(async (options) => {
      const { data } = await clientOf(options).get<{ data: object[] }>('/v1/files')
      print(data, COLUMNS, options.json)
    })
  connects(files.command('get').argument('<id>'))
    .description('show a file')
    .option('--json', 'as JSON')
    .action(async (id, options) => printOne(await clientOf(options).get<object>(`/v1/files/${id}`), options.json))
  connects(files.command('content').argument('<id>'))
    .description("write a file's content to standard output")
    .action(async (id, options) => {
      for await (const part of await clientOf(options).content(`/v1/files/${id}/content`)) process.stdout.write(part)
    })
  connects(files.command('delete').argument('<id>'))
    .description('delete a file')
    .option('--json', 'as JSON')
    .action(async (id, options) => printOne(await clientOf(options).delete<object>(`/v1/files/${id}`), options.json))
  return files
}
