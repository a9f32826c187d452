import { stringify } from 'yaml'
import type { ShownEngine } from '../../cli/wire.ts'
import type { Chance } from '../quarter/chance.ts'
import { LIVED } from '../quarter/lives.ts'

/** A workspace that the real platform has been asked for. */
export interface Tenant {
  name: string
  engine: string
  kind: string
  version: number
  source: number
  ttl: boolean
}

/** One request, as it is sent to the API. */
export interface Request {
  tenant: Tenant
  kind: 'deploy' | 'destroy'
  body: Record<string, unknown>
}

/** More at once would only wait for each other. */
const MOST_STANDING = 10
const SERVICE = 'service'

/** What somebody asks next: something new, a change of what stands, or its end. The same chance asks the same. */
export function nextRequest(
  chance: Chance,
  standing: readonly Tenant[],
  engines: readonly [ShownEngine, ...ShownEngine[]],
  sources: readonly { url: string; ref: string }[],
  count: number,
): Request {
  const [first] = standing
  const full = standing.length >= MOST_STANDING
  if (first === undefined || (!full && chance.happens(0.45))) {
    const engine = chance.oneOf(engines)
    const kind = chance.oneOf(LIVED.filter((one) => engine.carries.includes(one)) as [string, ...string[]])
    const source = chance.whole(0, sources.length - 1)
    const tenant = { name: `real-${count}`, engine: engine.code, kind, version: 0, source, ttl: chance.happens(0.3) }
    return deploy(tenant, sources)
  }
  const tenant = chance.oneOf(standing as [Tenant, ...Tenant[]])
  if (full || chance.happens(0.45))
    return { tenant, kind: 'destroy', body: { kind: 'destroy', workspace: tenant.name } }
  const source = chance.happens(0.4) ? (tenant.source + 1) % sources.length : tenant.source
  return deploy({ ...tenant, version: tenant.version + 1, source }, sources)
}

function deploy(tenant: Tenant, sources: readonly { url: string; ref: string }[]): Request {
  const { name, engine, kind, version, ttl } = tenant
  const source = sources[tenant.source]
  const manifest = stringify({
    apiVersion: 'pipi/v1',
    name,
    ...(ttl ? { ttl: '5d' } : {}),
    components: [
      {
        name: 'main',
        kind,
        expect: { requests: 2_000, egressMb: 5 },
        env: { VERSION: String(version) },
        ...(kind === SERVICE ? { health: '/' } : {}),
      },
    ],
  })
  return {
    tenant,
    kind: 'deploy',
    body: {
      kind: 'deploy',
      manifest,
      file: 'workspace.yaml',
      engine,
      source: { kind: 'git', url: source?.url, ref: source?.ref, path: '.' },
    },
  }
}
