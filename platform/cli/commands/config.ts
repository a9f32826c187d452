import { PipiError } from '../../../catalog/errors.ts'
import { deployAgain } from '../deploy-again.ts'
import { declareWaiting, type WaitOptions } from '../order.ts'
import { showConfig } from '../show-config.ts'
import type { Call, Verb } from '../verb.ts'
import { configValueSchema, listOf } from '../wire.ts'

interface Options extends WaitOptions {
  unset?: string
  component?: string
  deploy?: boolean
}

const config: Verb = {
  summary: "a workspace's configuration: shown with where each value is from, set, or unset",
  declare(command, action) {
    command
      .argument('<workspace>', 'its name; one that is not there yet begins with its configuration')
      .argument('[key]', 'a variable of the environment: capitals, digits and "_"')
      .argument('[value]', 'set in place of what the manifest says; what is secret goes to ./pipi secret')
      .option('--unset <key>', 'take a value back: then it is what the manifest says')
      .option('--component <name>', 'of this component, in place of all')
      .option('--deploy', 'deploy what stands again, so that it holds at once')
    declareWaiting(command)
    command.action(action<Options>(run))
  },
}
export default config

async function run({ args, options, terminal, platform }: Call<Options>): Promise<number> {
  const [workspace = '', key, value] = args
  const { unset, component, deploy } = options
  if (unset !== undefined && key !== undefined) {
    throw new PipiError('input.invalid', `either ${key} or --unset ${unset}`, {
      hint: `./pipi config ${workspace} --unset ${unset}`,
    })
  }
  const client = await platform()
  const path = `/v1/workspaces/${encodeURIComponent(workspace)}/config`
  if (unset === undefined && value === undefined) {
    const answer = await client.get(path)
    const all = listOf(answer, 'configuration').map((it) => configValueSchema.parse(it))
    const asked = all.filter(
      (one) => (key === undefined || one.name === key) && (component === undefined || one.component === component),
    )
    if (key !== undefined && asked.length === 0) {
      throw new PipiError('not-found', `workspace "${workspace}" is not configured with ${key}`, {
        hint: `./pipi config ${workspace} ${key} VALUE sets it`,
      })
    }
    terminal.document({ items: asked })
    if (asked.length === 0) terminal.line(`${workspace} is configured with nothing.`)
    else showConfig(terminal, asked)
    return 0
  }
  const of = component === undefined ? '' : `?component=${encodeURIComponent(component)}`
  const answer =
    unset === undefined
      ? await client.put(
          `${path}/${encodeURIComponent(key ?? '')}`,
          Buffer.from(JSON.stringify({ value, ...(component === undefined ? {} : { component }) })),
          'application/json',
        )
      : await client.delete(`${path}/${encodeURIComponent(unset)}${of}`)
  if (deploy) return await deployAgain(client, workspace, options, terminal)
  terminal.document(
    answer ?? { workspace, name: unset, ...(component === undefined ? {} : { component }), removed: true },
  )
  const what = unset === undefined ? `${key} is ${JSON.stringify(value)}` : `${unset} is what the manifest says`
  terminal.line(`${what} from the next deployment of ${workspace} on`)
  return 0
}
