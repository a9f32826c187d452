import { PipiError } from '../../catalog/errors.ts'
import { waysOf } from '../../engines/contract/engine.ts'
import type { Birth } from '../contract/stem-cell.ts'
import type { Carriage } from './carriage.ts'
import { configurationOf } from './configuration.ts'
import { openApi } from './watch/api.ts'

/**
 * What a deployment's providers are configured with: its own credentials, exchanged where they are short-lived. Throws
 * before anything is asked of the platform where there are none.
 */
export async function letIn(carriage: Carriage): Promise<void> {
  const { birth, order, signal } = carriage
  const given = order.credentials ?? birth.credentials ?? {}
  carriage.credentials = await exchanged(birth, given, signal)
  carriage.configuration = configurationOf(
    { engine: birth.engine, credentials: carriage.credentials },
    { region: order.region, cloudAccount: order.cloudAccount.id },
  )
  if (birth.upstreamsFor === undefined) return
  const { addresses, release } = await birth.upstreamsFor(carriage.configuration)
  carriage.upstreams = { ...carriage.upstreams, ...addresses }
  carriage.release = release
}

/** Credentials as providers and watches take them. */
export async function exchanged(
  { engine, platformApi }: Pick<Birth, 'engine' | 'platformApi'>,
  given: Record<string, string>,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  if (Object.keys(given).length === 0 && waysOf(engine.dna).length > 0) {
    throw new PipiError('not-allowed', `there are no credentials for ${engine.dna.name}`, {
      hint: `./pipi account check ${engine.dna.code} says what is missing`,
    })
  }
  if (engine.exchange === undefined) return given
  const send = openApi({ signal, ...(platformApi === undefined ? {} : { base: platformApi }) })
  return engine.exchange({ credentials: given, send })
}
