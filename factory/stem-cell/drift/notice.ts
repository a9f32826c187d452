import type { SeenRead } from '../../../stacks/guard/options.ts'
import { nameOfUrn, typeOfUrn } from '../../../stacks/wire/urn.ts'
import type { Drift } from '../../contract/truth.ts'
import { type Carriage, requireState } from '../carriage.ts'
import { differences } from './compare.ts'
import { mergeDrift } from './merge.ts'

/**
 * Hears what a refresh reads, and writes down what differs before the engine hears of it: the state takes it over, and
 * whoever goes on after a kill could not tell any more what was meant.
 */
export function noticeDrift(carriage: Carriage): (seen: SeenRead) => Promise<void> {
  const { birth, order } = carriage
  let writing: Promise<void> = Promise.resolve()
  return async (seen) => {
    const found = driftOf(carriage, seen)
    if (found !== undefined) tellDrift(carriage, found)
    const declared = found === undefined ? undefined : ofPrograms(found)
    const before = carriage.drift
    carriage.drift = mergeDrift(before, seen.urn, declared)
    carriage.noticed = [...carriage.noticed.filter((one) => one.urn !== seen.urn), ...(found ? [found] : [])]
    if (declared === undefined) return
    // Reads come side by side: one after the other they write the whole of it.
    writing = writing.then(() => birth.truth.noteDrift(order, carriage.drift))
    await writing
  }
}

/** All that a refresh has to say: what stands otherwise since whenever, and what the platform changed of its own. */
export function foundBy({ drift, noticed }: Pick<Carriage, 'drift' | 'noticed'>): Drift[] {
  const own = noticed.flatMap((one) => {
    const properties = one.properties.filter((property) => !property.declared)
    return one.what === 'changed' && properties.length > 0 && !drift.some(({ urn }) => urn === one.urn)
      ? [{ ...one, properties }]
      : []
  })
  return [...drift, ...own]
}

function driftOf(carriage: Carriage, { urn, id, before, after }: SeenRead): Drift | undefined {
  const about = { urn, type: typeOfUrn(urn), id }
  if (after === undefined) return { ...about, what: 'gone', properties: [] }
  const held = requireState(carriage).resources.find((one) => one.urn === urn && one.id === id)
  const properties = differences(before, after, { inputs: held?.inputs ?? {}, outputs: held?.outputs ?? {} })
  return properties.length === 0 ? undefined : { ...about, what: 'changed', properties }
}

/** What a deployment would set back. */
function ofPrograms(drift: Drift): Drift | undefined {
  if (drift.what === 'gone') return drift
  const properties = drift.properties.filter((property) => property.declared)
  return properties.length === 0 ? undefined : { ...drift, properties }
}

function tellDrift({ story }: Carriage, drift: Drift): void {
  const { urn, type, id, what, properties } = drift
  const about = { urn, type, id, operation: 'drift', status: what, properties }
  if (what === 'gone') {
    story.tell(`${nameOfUrn(urn)} (${type}) is gone from the platform`, 'warn', about)
    return
  }
  for (const property of properties) {
    const said = property.secret ? 'differs (a secret)' : `${property.was ?? 'nothing'} -> ${property.is ?? 'nothing'}`
    story.tell(`${nameOfUrn(urn)} ${property.path}: ${said}`, property.declared ? 'warn' : 'info', about)
  }
}
