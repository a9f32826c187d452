import type { Verb } from '../verb.ts'

const doctor: Verb = {
  summary: 'name every piece that is missing or too old, with its remedy',
  declare: (command, action) => {
    command.action(
      action(async ({ options, terminal }) => {
        const { runChecks } = await import('../doctor.ts')
        const results = await runChecks(options.data)
        terminal.document({ ok: results.every((it) => it.ok), checks: results })
        for (const it of results) {
          const mark = it.ok ? terminal.style('green', '✔') : terminal.style('red', '✖')
          terminal.line(`${mark} ${it.name.padEnd(22)} ${it.found}`)
          if (!it.ok) terminal.line(`    wanted  ${it.wanted}\n    remedy  ${it.remedy}`)
        }
        return results.every((it) => it.ok) ? 0 : 1
      }),
    )
  },
}
export default doctor
