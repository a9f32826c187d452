import type { DemandAnswer } from '../../catalog/demand.ts'
import { PipiError } from '../../catalog/errors.ts'
import { planOf } from '../../catalog/meters.ts'
import { openBook } from '../../engines/demand/book.ts'
import { demandOf } from '../../engines/demand/demand-of.ts'
import { usualPlace } from '../../engines/demand/table.ts'

export interface DemandAsked {
  of: { type: string; platform: string; plan: string; region: string; inputs: Record<string, unknown> }
  answer: DemandAnswer
}

/** What a type takes with inputs given as JSON. Throws `not-found` for a type or plan nobody knows, `input.invalid` for bad JSON. */
export async function askDemand(
  type: string,
  options: { inputs?: string; region?: string; plan?: string },
): Promise<DemandAsked> {
  const book = await openBook()
  const platform = book.platforms.get(book.platformOf.get(type) ?? '')
  if (platform === undefined) {
    throw new PipiError('not-found', `nothing in the catalogue says what a "${type}" costs`, {
      hint: 'see `./pipi catalog table` for the types it knows',
    })
  }
  const inputs = options.inputs === undefined ? (platform.examples[type] ?? {}) : parsed(options.inputs)
  const usual = usualPlace(platform, type, inputs)
  const plan = options.plan ?? usual.plan
  planOf(platform, plan)
  const region = options.region ?? usual.region
  const filled = book.rules.get(platform.code)?.[type]?.safe?.(inputs) ?? inputs
  return {
    of: { type, platform: platform.code, plan, region, inputs: filled },
    answer: demandOf(book, type, inputs, region, plan),
  }
}

function parsed(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new PipiError('input.invalid', `--inputs is no JSON: ${text.slice(0, 80)}`, {
      hint: 'give an object, as {"memorySize":128}',
      cause,
    })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new PipiError('input.invalid', `--inputs is ${text.slice(0, 80)}`, {
    hint: 'give an object, as {"memorySize":128}',
  })
}
