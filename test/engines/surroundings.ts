import type { Engine } from '../../engines/contract/engine.ts'
import { openPlatformReader } from '../../stacks/recovery/platform-reader.ts'
import { nameOfUrn } from '../../stacks/wire/urn.ts'
import type { SandboxProcess } from '../stacks/sandbox/sandbox-process.ts'

/** What an engine asks its platform before a plan, of its simulated cloud; nothing where it asks nothing. */
export async function surroundingsOf(
  engine: Engine,
  sandbox: SandboxProcess,
  configuration: Record<string, string>,
): Promise<{ surroundings?: Readonly<Record<string, string>> }> {
  if (engine.surroundings === undefined) return {}
  const platform = openPlatformReader({
    upstreams: sandbox.ready.providers,
    configuration,
    stack: { project: 'wire', stack: 'test' },
  })
  const { resources } = await sandbox.admin<{
    resources: { type: string; urn: string; inputs: Record<string, unknown>; outputs: Record<string, unknown> }[]
  }>('GET', '/inventory')
  const { cloudAccount = '', plan = '' } = engine.dna.sandbox ?? {}
  try {
    const surroundings = await engine.surroundings({
      account: { id: cloudAccount, engine: engine.dna.code, plan, consentWatched: true },
      region: engine.dna.regions[0] ?? '',
      platform,
      standing: resources.map((one) => ({ ...one, name: nameOfUrn(one.urn) })),
    })
    return { surroundings }
  } finally {
    platform.close()
  }
}
