import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js'
import { pulumiPath } from '../../helpers/pulumi.ts'

type Run = (args: string[], ...more: unknown[]) => Promise<{ stdout: string; stderr: string; code: number }>

/** By this key a value in a state is marked as secret. */
const SECRET = '4dabf18193072939515e22adb298388d'

/** It is asked for its version once in each test file. */
let real: Promise<PulumiCommand> | undefined

/**
 * The real CLI; only what it would but read out of the files of its state is read here, so that an `up` is one process
 * instead of four. `state`: the folder of a file backend, with one stack `wire/test`.
 */
export async function quickCli(state: string): Promise<PulumiCommand> {
  real ??= pulumiPath().then((path) => PulumiCommand.get({ root: dirname(dirname(path)) }))
  const command = await real
  const run: Run = (command as unknown as { run: Run }).run.bind(command)
  const quick: Run = async (args, ...more) => {
    const known = args[0] === 'stack' ? await knownOf(args[1] ?? '', state) : undefined
    return known === undefined ? run(args, ...more) : { stdout: known, stderr: '', code: 0 }
  }
  return Object.assign(Object.create(command) as PulumiCommand, { run: quick })
}

/** What `pulumi stack …` would print; undefined where only the CLI knows. */
async function knownOf(verb: string, state: string): Promise<string | undefined> {
  switch (verb) {
    case 'output':
      return outputsIn(state)
    case 'history':
      return newestIn(state)
    case 'select':
      return ''
    default:
      return undefined
  }
}

export interface StateResource {
  urn: string
  type: string
  outputs?: Record<string, unknown>
}

/** Of a stack that was never deployed there are none. */
export async function resourcesIn(state: string): Promise<StateResource[]> {
  const text = await readFile(join(state, '.pulumi/stacks/wire/test.json'), 'utf8')
  const { checkpoint } = JSON.parse(text) as { checkpoint: { latest?: { resources?: StateResource[] } | null } }
  return checkpoint.latest?.resources ?? []
}

/** Undefined where a secret is among them, which only the CLI can open. */
async function outputsIn(state: string): Promise<string | undefined> {
  const stack = (await resourcesIn(state)).find((one) => one.type === 'pulumi:pulumi:Stack')
  const text = JSON.stringify(stack?.outputs ?? {})
  return text.includes(SECRET) ? undefined : text
}

/** What the last operation did, as a list of one. */
async function newestIn(state: string): Promise<string> {
  const folder = join(state, '.pulumi/history/wire/test')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.history.json')).sort()
  return `[${await readFile(join(folder, names.at(-1) ?? ''), 'utf8')}]`
}
