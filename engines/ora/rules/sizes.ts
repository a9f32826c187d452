import { type Refusal, unsafe } from '../../demand/answer.ts'
import { numberAt, valueAt } from '../../demand/inputs.ts'

type Inputs = Record<string, unknown>

/** The least that a volume can be, GB. */
export const BOOT_GB = 50
/** All volumes of a tenancy together (source O1 of the catalogue). */
const MOST_GB = 200
/** "Balanced": what is faster is charged by performance units. */
const FREE_VPUS = 10

/** A volume's size in GB, or why it is not free. */
export function diskSize(property: string, inputs: Inputs): number | Refusal {
  const size = numberAt(inputs, property)
  if (size === undefined || size < BOOT_GB || size > MOST_GB)
    return unsafe(property, valueAt(inputs, property), `${BOOT_GB} to ${MOST_GB} GB`)
  return size
}

/** Why a volume is too fast to be free, or undefined. Left out it is as fast as is free. */
export function notFreeSpeed(property: string, inputs: Inputs): Refusal | undefined {
  const given = valueAt(inputs, property)
  const vpus = numberAt(inputs, property)
  return given === undefined || (vpus !== undefined && vpus <= FREE_VPUS)
    ? undefined
    : unsafe(property, given, `0 to ${FREE_VPUS}`)
}
