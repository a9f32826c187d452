import { PipiError } from '../../../catalog/errors.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import type { Asked } from '../arguments.ts'
import type { PlaceToDeploy } from './clone.ts'

/** Where the examples are to be deployed, but for the plugins' addresses. */
export type Where = Omit<PlaceToDeploy, 'upstreams'> & { real: boolean }

/**
 * An emulator with credentials that nobody would take, or a real account with those of the environment, as in production.
 * Undefined: nowhere. `endpoint`: what sends the plugins to an address. Throws `input.invalid` for what is missing.
 */
export function whereToDeploy(
  { deploy }: Pick<Asked, 'deploy'>,
  engine: Engine,
  environment: Readonly<Record<string, string | undefined>>,
  endpoint: (url: string) => Record<string, string>,
): Where | undefined {
  if (deploy === undefined) return undefined
  const { code, credentials, sandbox } = engine.dna
  if (deploy.to === 'endpoint') {
    const nobodys = Object.fromEntries(credentials.map((one) => [one.config, one.sandbox]))
    const account = { id: sandbox?.cloudAccount ?? '', plan: sandbox?.plan ?? '' }
    return { real: false, credentials: { ...nobodys, ...endpoint(deploy.url) }, platformApi: undefined, account }
  }
  const missing = credentials.filter(({ env }) => !environment[env]).map(({ env }) => env)
  if (missing.length > 0)
    throw new PipiError('input.invalid', `--real-account: ${missing.join(', ')} not set`, {
      hint: `these are the credentials that engines/${code}/engine.yaml names`,
    })
  if (!engine.facts.plans.some(({ id }) => id === deploy.plan))
    throw new PipiError('input.invalid', `PIPI_CONTRACT_PLAN: ${code} has no plan "${deploy.plan}"`, {
      hint: `it has ${engine.facts.plans.map(({ id }) => id).join(', ')}`,
    })
  const own = Object.fromEntries(credentials.map(({ config, env }) => [config, environment[env] ?? '']))
  return { real: true, credentials: own, platformApi: undefined, account: { id: deploy.id, plan: deploy.plan } }
}
