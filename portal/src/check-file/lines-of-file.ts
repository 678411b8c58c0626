import { readStream } from '../service/read-stream.ts'

/**
 * Where the lines of a file stand, so that any of them can be read without the others: a file of 100,000 rows is never in
 * memory as text. Lines are counted from 1, as the service counts them.
 */
export class LinesOfFile {
  readonly #file: Blob
  /** Byte at which each line begins, and at last the length of the file. */
  readonly #starts: Float64Array

  private constructor(file: Blob, starts: Float64Array) {
    this.#file = file
    this.#starts = starts
  }

  static async read(file: Blob): Promise<LinesOfFile> {
    const starts = [0]
    let at = 0
    for await (const part of readStream(file.stream())) {
      for (let newline = part.indexOf(10); newline >= 0; newline = part.indexOf(10, newline + 1)) {
        starts.push(at + newline + 1)
      }
      at += part.length
    }
    if (starts.at(-1) !== at) starts.push(at)
    return new LinesOfFile(file, Float64Array.from(starts))
  }

  get count(): number {
    return this.#starts.length - 1
  }

  async text(line: number): Promise<string> {
    return (await this.#slice(line, line + 1).text()).trim()
  }

  /** The file without these lines: its other bytes as they are. */
  without(lines: ReadonlySet<number>): Blob {
    const parts: Blob[] = []
    let from = 1
    for (const line of [...lines].sort((one, other) => one - other)) {
      if (line > from) parts.push(this.#slice(from, line))
      from = line + 1
    }
    if (from <= this.count) parts.push(this.#slice(from, this.count + 1))
    return new Blob(parts, { type: 'application/jsonl' })
  }

  #slice(from: number, to: number): Blob {
    return this.#file.slice(this.#starts[from - 1], this.#starts[to - 1])
  }
}
