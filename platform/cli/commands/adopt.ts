import { randomUUID } from 'node:crypto'
import { conclude, declareWaiting, type WaitOptions } from '../order.ts'
import type { Verb } from '../verb.ts'
import { deploymentSchema, listOf, orphanSchema, workspaceSchema } from '../wire.ts'

interface AdoptOptions extends WaitOptions {
  yes?: boolean
  look?: boolean
}

const adopt: Verb = {
  summary: 'show what a crash left of a workspace at its platform, and take it in when you say so',
  declare: (command, action) => {
    command
      .argument('<workspace>', 'its name')
      .option('-y, --yes', 'take in what can be, by a deployment of what stands')
      .option('--no-look', 'go by the last survey instead of asking the platform anew')
    declareWaiting(command)
    command.action(
      action<AdoptOptions>(async ({ args, options, terminal, platform }) => {
        const client = await platform()
        const path = `/v1/workspaces/${encodeURIComponent(args[0] as string)}`
        const { engine } = workspaceSchema.parse(await client.get(path))
        if (options.look !== false && engine !== undefined) {
          terminal.note(terminal.style('dim', 'asking the platform…'))
          await client.post('/v1/quota/reconcile', { cloud: engine }, undefined, LOOK_MS)
        }
        const answer = await client.get(`${path}/orphans`)
        const found = listOf(answer, 'orphans').map((it) => orphanSchema.parse(it))
        for (const { adoptable, says } of found) {
          const mark = adoptable
            ? terminal.style('green', 'can be adopted')
            : terminal.style('yellow', 'stays as it is')
          terminal.line(`  ${mark}  ${says}`)
        }
        if (found.length === 0) terminal.line(`Nothing of ${args[0]} stands at its platform that is not known.`)
        const able = found.some((one) => one.adoptable)
        const wanted =
          able &&
          (options.yes === true ||
            (terminal.interactive && !terminal.json && (await terminal.ask('Type yes to take it in: ')) === 'yes'))
        if (!wanted) {
          terminal.document(answer)
          if (able) terminal.note(`Nothing was done. Take it in: ./pipi adopt ${args[0]} --yes`)
          return 0
        }
        const deployment = deploymentSchema.parse(await client.post(`${path}/adopt`, {}, randomUUID()))
        return await conclude(client, deployment, options, terminal)
      }),
    )
  },
}
export default adopt

/** A clone may have to be born first, milliseconds. */
const LOOK_MS = 300_000
