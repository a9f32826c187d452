import { PipiError } from '../catalog/errors.ts'
import { breed } from './breed.ts'
import type { Spawner } from './contract/spawner.ts'
import { type EngineFigures, type ScalingPolicy, scale } from './scaling.ts'
import { Stock } from './stock.ts'

export interface FactoryOptions {
  spawner: Spawner
  policyFor(engine: string): ScalingPolicy
  /** The figures of every engine that may run here, as the truth knows them: heartbeats, and what waits. */
  figures(): Promise<EngineFigures[]>
  /** A clone of ours is gone for good: its heartbeats will not come again. */
  onGone(clone: string): Promise<void>
  /** How often to look when nobody wakes the loop, milliseconds. */
  everyMs: number
  /** A clone without a sign of life by then was not born, milliseconds. */
  bornWithinMs?: number
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
}

const BORN_WITHIN_MS = 60_000

export interface Factory {
  readonly stock: Stock
  /** Look now. Resolves when what was decided has been done. */
  wake(): Promise<void>
  /** No more births; every clone ends within `graceMs`. `hasten`: stop what runs at once. */
  stop(graceMs: number, hasten?: AbortSignal): Promise<void>
}

/** Keeps the stock right: looks at the figures, decides by `scale`, breeds and drains. One look at a time. */
export function runFactory(options: FactoryOptions): Factory {
  const stock = new Stock()
  let stopped = false
  let looking: Promise<void> | undefined

  const wake = (): Promise<void> => {
    if (stopped) return Promise.resolve()
    looking ??= look(options, stock, () => stopped, wake).finally(() => {
      looking = undefined
    })
    return looking
  }
  const timer = setInterval(() => void wake(), options.everyMs)

  return {
    stock,
    wake,
    async stop(graceMs, hasten) {
      stopped = true
      clearInterval(timer)
      await looking
      await stock.stop(graceMs, hasten)
    },
  }
}

async function look(
  options: FactoryOptions,
  stock: Stock,
  stopped: () => boolean,
  wake: () => Promise<void>,
): Promise<void> {
  try {
    for (const known of await options.figures()) {
      if (stopped()) return
      giveUpUnborn(known, stock, options)
      const figures = withOwn(known, stock)
      const decision = scale(figures, options.policyFor(figures.engine))
      if (decision.act === 'nothing') continue
      if (decision.act === 'drain') {
        if (stock.drain(decision.clone)) options.log('info', `drains ${decision.clone}: ${decision.because}`)
        continue
      }
      if (stock.waitMs(figures.engine) > 0) continue
      options.log('info', `breeds a clone of ${figures.engine}: ${decision.because}`)
      await breed(figures.engine, options.spawner, stock, (clone, end) => {
        if (!end.expected)
          options.log('warn', `${clone} ended by itself`, {
            code: end.code,
            signal: end.signal,
            lastWords: end.lastWords,
          })
        void options
          .onGone(clone)
          .catch((error: unknown) =>
            options.log('warn', `could not note that ${clone} is gone: ${PipiError.from(error).message}`),
          )
          .finally(() => void wake())
      })
    }
  } catch (error) {
    options.log('error', `the factory could not look: ${PipiError.from(error).message}`)
  }
}

function giveUpUnborn(
  figures: EngineFigures,
  stock: Stock,
  { bornWithinMs = BORN_WITHIN_MS, log }: FactoryOptions,
): void {
  for (const entry of stock.of(figures.engine)) {
    const { clone, bornAt, givenUp } = entry
    // Once seen it may be silent, as when the database is away: it is not given up for that.
    entry.seen ||= figures.clones.some((one) => one.clone === clone.clone)
    if (entry.seen || givenUp || Date.now() - bornAt < bornWithinMs) continue
    log('warn', `${clone.clone} has given no sign of life within ${bornWithinMs} ms and is given up`)
    stock.giveUp(clone.clone)
  }
}

/** A clone just born has not beaten yet, and one told to drain may still say idle: what we know ourselves comes first. */
function withOwn(figures: EngineFigures, stock: Stock): EngineFigures {
  const own = stock.of(figures.engine)
  const clones = figures.clones.map((clone) => {
    const mine = own.find((entry) => entry.clone.clone === clone.clone)
    return mine?.draining ? { ...clone, state: 'draining' as const } : clone
  })
  for (const entry of own) {
    if (clones.some((clone) => clone.clone === entry.clone.clone)) continue
    clones.push({ clone: entry.clone.clone, state: entry.draining ? 'draining' : 'starting', idleMs: 0 })
  }
  return { ...figures, clones }
}
