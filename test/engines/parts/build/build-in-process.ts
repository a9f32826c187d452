import { buildComponent } from '../../../../engines/parts/build/build-component.ts'

/** One build in a process of its own, as an engine does it: the order is one JSON line on standard input. */
const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const order = JSON.parse(Buffer.concat(chunks).toString('utf8'))
const signal = new AbortController().signal
const log = (line: string) => process.stdout.write(`${JSON.stringify({ line })}\n`)
const ended = await buildComponent({ ...order, signal, log }).then(
  (built) => ({ built }),
  (error: Error) => ({ error: error.message }),
)
process.stdout.write(`${JSON.stringify(ended)}\n`)
