import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../catalog/errors.ts'
import type { Birth } from '../contract/stem-cell.ts'
import { type Order, RENEW_MS } from '../contract/truth.ts'
import type { Carriage } from './carriage.ts'
import { guardRules } from './guard-rules.ts'
import { settle } from './steps/settle.ts'
import { openStory } from './story.ts'
import { WAY } from './way.ts'

export interface CarryOutOptions {
  birth: Birth
  upstreams: Record<string, string>
  /** Aborted when the clone has to go: what is in flight ends, and the deployment is handed back. */
  stop: AbortSignal
}

/**
 * Takes one deployment and brings it to its end: the lease, the way, the verdict. Returns without a word when it is not
 * ours to work on. A lost lease ends everything at once and writes nothing more: the next holder goes on.
 */
export async function carryOut(deployment: string, options: CarryOutOptions): Promise<void> {
  const { birth } = options
  const order = await birth.truth.take(deployment)
  if (order === null) return
  const ending = new AbortController()
  const abort = (reason: 'cancel' | 'stop' | 'lost') => {
    if (!ending.signal.aborted) ending.abort(reason)
  }
  const onStop = () => abort('stop')
  if (options.stop.aborted) onStop()
  options.stop.addEventListener('abort', onStop, { once: true })
  const renewing = keepLease(birth, order, abort)
  const carriage = begin(order, options, ending.signal, (error) => {
    if (isLost(error)) abort('lost')
    else birth.log('warn', 'a story line could not be told', { deployment, error: String(error) })
  })
  try {
    const ended = await walk(carriage)
    await carriage.story.flush()
    if (ending.signal.reason === 'lost') return
    if (ending.signal.reason === 'stop' && !ended.ok)
      await birth.truth.handBack(order, 'the engine stops; another one goes on')
    else await birth.truth.settle(order, await settle(carriage, ended))
  } catch (error) {
    if (!isLost(error)) throw error
    birth.log('warn', 'the lease was lost; another engine goes on', { deployment })
  } finally {
    clearInterval(renewing)
    options.stop.removeEventListener('abort', onStop)
    await rm(carriage.folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
  }
}

async function walk(carriage: Carriage): Promise<{ ok: true } | { ok: false; error: unknown }> {
  const { birth, order, story, signal } = carriage
  try {
    for (const step of WAY) {
      if (!step.kinds.includes(order.kind)) continue
      if (signal.aborted) throw new PipiError('conflict.state', 'stopped on request')
      if (story.phase !== step.status) {
        // What was told in one phase is read before the next one begins.
        await story.flush()
        await birth.truth.advance(order, step.status)
        story.phase = step.status
      }
      await step.run(carriage)
    }
    return { ok: true }
  } catch (error) {
    return { ok: false, error }
  } finally {
    // Its CLI works under this lease's token, which moves on when all is settled.
    await carriage.opening
  }
}

function begin(
  order: Order,
  { birth, upstreams }: CarryOutOptions,
  signal: AbortSignal,
  onLost: (error: unknown) => void,
): Carriage {
  return {
    birth,
    order,
    signal,
    story: openStory(birth.truth, order, onLost),
    rules: guardRules(
      birth.engine,
      order.manifest,
      { plan: order.cloudAccount.plan, region: order.region },
      birth.deadlineCapMs,
    ),
    upstreams,
    configuration: configurationOf(birth, order),
    folder: join(birth.folder, 'deployments', order.deployment),
    built: new Map(),
    open: [],
    adoptions: new Map(),
  }
}

/** `{region}` and `{project}` in the DNA's configuration, and the credentials. */
function configurationOf(birth: Birth, order: Order): Record<string, unknown> {
  const fill = (text: string) =>
    text
      .replaceAll('{region}', order.region)
      .replaceAll('{project}', order.cloudAccount.id)
      .replaceAll('{account}', order.cloudAccount.id)
  return {
    ...Object.fromEntries(Object.entries(birth.engine.dna.config).map(([key, value]) => [key, fill(value)])),
    ...birth.credentials,
  }
}

/** By the database's clock the lease outlives two missed renewals; at the third we stop before it ends. */
function keepLease(birth: Birth, order: Order, abort: (reason: 'cancel' | 'lost') => void): NodeJS.Timeout {
  let missed = 0
  return setInterval(() => {
    birth.truth.renew(order).then(
      (answer) => {
        missed = 0
        if (answer === 'cancel') abort('cancel')
      },
      (error: unknown) => {
        missed += 1
        if (isLost(error) || missed >= 3) abort('lost')
      },
    )
  }, RENEW_MS)
}

function isLost(error: unknown): boolean {
  return error instanceof PipiError && error.code === 'lease.lost'
}
