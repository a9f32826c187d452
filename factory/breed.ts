import { randomBytes } from 'node:crypto'
import { PipiError } from '../catalog/errors.ts'
import type { CloneEnd, Spawner } from './contract/spawner.ts'
import type { Stock } from './stock.ts'

/** One more clone of an engine: named, started, taken into the stock. A birth that fails counts for the back-off. */
export async function breed(
  engine: string,
  spawner: Spawner,
  stock: Stock,
  onEnd: (clone: string, end: CloneEnd) => void,
): Promise<string> {
  const clone = `${engine}-${randomBytes(4).toString('hex')}`
  try {
    const running = await spawner.spawn(engine, clone)
    stock.add(running, (end) => onEnd(clone, end))
    return clone
  } catch (error) {
    const failure = PipiError.from(
      error,
      'engine.crashed',
      `see "./pipi doctor", or run "./pipi engine ${engine}" by hand`,
    )
    stock.birthFailed(engine, [failure.message])
    throw failure
  }
}
