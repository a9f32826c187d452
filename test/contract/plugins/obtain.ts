import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isExecutable } from '../../../stacks/toolchain/find-on-path.ts'
import { run } from '../../../stacks/toolchain/run.ts'
import type { WantedPlugin } from './wanted.ts'

export interface ObtainOptions {
  /** PULUMI_HOME of the plugins: they come to `plugins/` in it. */
  home: string
  /** Path of the Pulumi CLI. */
  pulumi: string
  /** What says how the network is reached is read from it, and a token for GitHub's own limits. */
  environment: Readonly<Record<string, string | undefined>>
  /** Large ones have 300 MB. Milliseconds. */
  withinMs?: number
  report(line: string): void
}

/** Why a plugin cannot be had here; undefined: it is there. */
export async function obtainPlugin(
  { name, version }: WantedPlugin,
  options: ObtainOptions,
): Promise<string | undefined> {
  const { home, pulumi, environment, withinMs = 900_000, report } = options
  const program = join(home, 'plugins', `resource-${name}-v${version}`, `pulumi-resource-${name}`)
  if (await isExecutable(program)) return undefined
  report(`getting the plugin ${name} ${version} into ${home}`)
  try {
    await mkdir(home, { recursive: true })
    await run(pulumi, ['plugin', 'install', 'resource', name, version], {
      environment: { ...wayOut(environment), HOME: home, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: 'true' },
      timeoutMs: withinMs,
    })
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    return `pulumi plugin install resource ${name} ${version}: ${lastLine(said)}`
  }
  return (await isExecutable(program)) ? undefined : `pulumi plugin install left no ${program}`
}

/** Of an environment what leads to the network, and nothing else: no credential of a cloud goes along. */
export function wayOut(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = /^(PATH|TMPDIR|GITHUB_TOKEN|SSL_CERT_(FILE|DIR)|(https?|no|all)_proxy)$/i
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && names.test(name) ? [[name, value]] : [],
    ),
  )
}

/** What went wrong in the end; before it stand its tries. */
function lastLine(said: string): string {
  const lines = said.split('\n').map((line) => line.trim())
  return lines.findLast((line) => line !== '') ?? 'no word of why'
}
