import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay, setImmediate as immediate } from 'node:timers/promises'
import { PipiError } from '../../catalog/errors.ts'
import type { Birth } from '../contract/stem-cell.ts'
import { LEASE_MS, type Order, RENEW_MS } from '../contract/truth.ts'
import type { Carriage } from './carriage.ts'
import { guardRules } from './guard-rules.ts'
import { letIn } from './let-in.ts'
import { allowsStale } from './plan/account.ts'
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
  const lost = Promise.withResolvers<void>()
  const abort = (reason: 'cancel' | 'stop' | 'lost') => {
    if (!ending.signal.aborted) ending.abort(reason)
    if (reason === 'lost') lost.resolve()
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
    // A step that hangs is left behind: its calls are refused from now on, and its CLI is killed.
    await Promise.race([walkToTheEnd(carriage), lost.promise])
  } catch (error) {
    if (!isLost(error)) throw error
    birth.log('warn', 'the lease was lost; another engine goes on', { deployment })
  } finally {
    clearInterval(renewing)
    options.stop.removeEventListener('abort', onStop)
    carriage.release?.()
    await rm(carriage.folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
  }
}

async function walkToTheEnd(carriage: Carriage): Promise<void> {
  const { birth, order, signal, story } = carriage
  const ended = await walk(carriage)
  await story.flush()
  if (signal.reason === 'lost') return
  if (signal.reason === 'stop' && !ended.ok) await birth.truth.handBack(order, 'the engine stops; another one goes on')
  else await birth.truth.settle(order, await settle(carriage, ended))
}

async function walk(carriage: Carriage): Promise<{ ok: true } | { ok: false; error: unknown }> {
  const { birth, order, story, signal } = carriage
  try {
    await letIn(carriage)
    for (const step of WAY) {
      if (!step.kinds.includes(order.kind) || step.skip?.(carriage) === true) continue
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
      {
        plan: order.cloudAccount.plan,
        region: order.region,
        allowStale: allowsStale(order.cloudAccount.staleUntil),
      },
      birth.deadlineCapMs,
    ),
    upstreams,
    credentials: {},
    configuration: {},
    // Who lost the lease may still clear up while another goes on, in this very clone.
    folder: join(birth.folder, 'deployments', `${order.deployment}-${order.token}`),
    built: new Map(),
    drift: order.drift ?? [],
    noticed: [],
    kept: new Set(),
    condemned: [],
    open: [],
    adoptions: new Map(),
    replacements: new Map(),
    gone: new Map(),
  }
}

/** Prolongs the lease, and stops before it ends by the database's clock when it could not be: an error or no answer. */
function keepLease(birth: Birth, order: Order, abort: (reason: 'cancel' | 'lost') => void): NodeJS.Timeout {
  let renewedAt = performance.now()
  return setInterval(() => {
    const askedAt = performance.now()
    Promise.race([birth.truth.renew(order), noAnswer()]).then(
      (answer) => {
        renewedAt = Math.max(renewedAt, askedAt)
        if (answer === 'cancel') abort('cancel')
      },
      (error: unknown) => {
        if (isLost(error) || performance.now() - renewedAt > LEASE_MS - MARGIN_MS) abort('lost')
      },
    )
  }, RENEW_MS)
}

/** How long before the end of a lease its holder stops, milliseconds. */
const MARGIN_MS = 2_000

async function noAnswer(): Promise<never> {
  await delay(RENEW_MS, undefined, { ref: false })
  // After a pause of the whole process an answer may lie in the socket: it is read first.
  await immediate()
  throw new PipiError('platform.unreachable', 'the database did not answer in time')
}

function isLost(error: unknown): boolean {
  return error instanceof PipiError && error.code === 'lease.lost'
}
