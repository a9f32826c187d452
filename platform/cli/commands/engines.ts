import type { Verb } from '../verb.ts'
import { engineSchema, listOf } from '../wire.ts'

const engines: Verb = {
  summary: 'the platforms that can be deployed to, and what each carries for free',
  declare: (command, action) => {
    command.action(
      action(async ({ terminal, platform }) => {
        const client = await platform()
        const answer = await client.get('/v1/engines')
        terminal.document(answer)
        const all = listOf(answer, 'engines').map((it) => engineSchema.parse(it))
        terminal.table(
          ['CODE', 'NAME', 'CARRIES', 'REGIONS', 'CLONES', 'NOT FOR FREE'],
          all.map((it) => [
            it.code,
            it.name,
            it.carries.join(', '),
            it.regions.join('\n'),
            it.clones === undefined ? '' : String(it.clones),
            Object.entries(it.noCarrier)
              .map(([kind, why]) => wrap(`${kind}: ${why}`, 60))
              .join('\n'),
          ]),
        )
        return 0
      }),
    )
  },
}
export default engines

function wrap(text: string, width: number): string {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) as string
    if (last.length + word.length + 1 > width && last !== '') lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.join('\n')
}
