import { showChecked, showHosts } from '../show-hosts.ts'
import type { Verb } from '../verb.ts'

const hosts: Verb = {
  summary: "machines of one's own: how each is and what is left of it; check, install, uninstall",
  declare: (command, action) => {
    command.action(
      action(async ({ terminal, platform }) => {
        const client = await platform()
        const answer = await client.get('/v1/hosts')
        terminal.document(answer)
        showHosts(terminal, answer)
        return 0
      }),
    )
    command
      .command('check')
      .description('whether the machines of hosts.yaml can be reached and used; changes nothing there')
      .argument('[name]', 'only this one')
      .action(
        action(async ({ args, options, terminal }) => {
          const { listsOfHosts } = await import('../own-machines.ts')
          const lists = await listsOfHosts(options.data)
          const checked = (await Promise.all(lists.map(({ hosts: own, order }) => own.check(order, args[0])))).flat()
          terminal.document({ ok: checked.every((host) => host.ok), hosts: checked })
          showChecked(terminal, checked)
          return checked.every((host) => host.ok) ? 0 : 1
        }),
      )
    for (const [verb, what] of Object.entries(SERVICE)) {
      command
        .command(verb)
        .description(what)
        .action(
          action(async ({ options, terminal }) => {
            const { listsOfHosts } = await import('../own-machines.ts')
            for (const { hosts: own, order } of await listsOfHosts(options.data)) {
              const said = await (verb === 'install' ? own.install(order) : own.uninstall(order))
              terminal.document({ said })
              terminal.line(said)
            }
            return 0
          }),
        )
    }
  },
}
export default hosts

const SERVICE = {
  install: "make this machine's supervisor a systemd service: it outlives the platform and a reboot",
  uninstall: 'the way back: the platform runs it again',
}
