import { createHash } from 'node:crypto'
import { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'
import type { Engine, SurroundingsContext } from '../contract/engine.ts'
import { textAt } from '../demand/inputs.ts'
import { MACHINE, TICKET } from './names.ts'

const DAY_MS = 86_400_000
/** How long the machine's way to its releases is open, and when it is opened anew: it is used after a deployment only. */
const OPEN_DAYS = 90
const RENEW_DAYS = 30

const TICKET_TYPE = 'oci:ObjectStorage/preauthrequest:Preauthrequest'
const text = z.string().min(1)
const surroundingsSchema = z
  .object({
    ...{ tenancy: text, namespace: text, domain: text, image: text, ticket: text, ticketUntil: text },
    ...{ service: text, services: text },
  })
  .catchall(text)

/** What the tenancy calls its places and the platform's services, and the newest image for the free shape. What a machine was made with stays. */
export default (async (given) => {
  const machine = given.standing.find(({ name }) => name === MACHINE)
  const tenancy = given.account.id
  await requireHome(given)
  return surroundingsSchema.parse({
    tenancy,
    namespace: await namespaceOf(given),
    domain: textAt(machine?.inputs ?? {}, 'availabilityDomain') ?? (await domainOf(given)),
    image: textAt(machine?.inputs ?? {}, 'sourceDetails.sourceId') ?? (await imageOf(given)),
    ...(await servicesOf(given)),
    ...ticketOf(given),
    ...ticketsOfStores(given),
  })
}) satisfies Engine['surroundings']

export function requireSurroundings(given: Readonly<Record<string, string>> | undefined) {
  const found = surroundingsSchema.safeParse(given)
  if (found.success) return found.data
  throw new PipiError('platform.internal', 'the tenancy was not asked for its namespace, domains and images')
}

const subscribedSchema = z.array(z.object({ regionName: z.string(), isHomeRegion: z.boolean() }))

/** Elsewhere nothing is free. */
async function requireHome({ account, region, platform }: SurroundingsContext): Promise<void> {
  const token = 'oci:Identity/getRegionSubscriptions:getRegionSubscriptions'
  const answer = await platform.invoke(token, { tenancyId: account.id })
  const home = subscribedSchema.parse(answer.regionSubscriptions ?? []).find((one) => one.isHomeRegion)?.regionName
  if (home === region) return
  throw new PipiError(
    'input.invalid',
    `expected the tenancy's home region ${home ?? '(it names none)'}, got ${region}`,
    {
      hint: `what is free is free at home only: name ${home ?? 'it'} in placement.regions and in OCI_REGION`,
    },
  )
}

async function namespaceOf({ account, platform }: SurroundingsContext): Promise<string> {
  const { namespace } = await platform.invoke('oci:ObjectStorage/getNamespace:getNamespace', {
    compartmentId: account.id,
  })
  return found(namespace, 'a namespace of Object Storage')
}

/** Which of them is chosen by the tenancy and the region alone: it has to be the same one each time. */
async function domainOf({ account, region, platform }: SurroundingsContext): Promise<string> {
  const token = 'oci:Identity/getAvailabilityDomains:getAvailabilityDomains'
  const answer = await platform.invoke(token, { compartmentId: account.id })
  const names = z.array(z.object({ name: z.string() })).parse(answer.availabilityDomains ?? [])
  const hash = createHash('sha256').update(`${account.id} ${region}`).digest().readUInt32BE(0)
  return found(names[hash % Math.max(1, names.length)]?.name, 'an availability domain')
}

/** All services of the region together, as gateways (its id) and routes (its name) know them. */
async function servicesOf({ platform }: SurroundingsContext): Promise<{ service: string; services: string }> {
  const answer = await platform.invoke('oci:Core/getServices:getServices', {})
  const all = z.array(z.object({ id: z.string(), cidrBlock: z.string() })).parse(answer.services ?? [])
  const every = all.find(({ cidrBlock }) => cidrBlock.startsWith('all-'))
  const what = 'the services of the region'
  return { service: found(every?.id, what), services: found(every?.cidrBlock, what) }
}

async function imageOf({ account, platform }: SurroundingsContext): Promise<string> {
  const answer = await platform.invoke('oci:Core/getImages:getImages', {
    compartmentId: account.id,
    operatingSystem: 'Oracle Linux',
    operatingSystemVersion: '9',
    shape: 'VM.Standard.A1.Flex',
    sortBy: 'TIMECREATED',
    sortOrder: 'DESC',
  })
  const [newest] = z.array(z.object({ id: z.string() })).parse(answer.images ?? [])
  return found(newest?.id, 'an image of Oracle Linux 9 for VM.Standard.A1.Flex')
}

/** Renewed under a new name while the old one is still open, or when its address, which is told once, was never heard. */
function ticketOf({ standing }: SurroundingsContext): { ticket: string; ticketUntil: string } {
  const held = standing.find(({ name }) => name === TICKET)
  const name = textAt(held?.inputs ?? {}, 'name')
  const until = textAt(held?.inputs ?? {}, 'timeExpires')
  const now = Date.now()
  if (name !== undefined && until !== undefined && wasTold(held?.outputs)) {
    if (Date.parse(until) > now + RENEW_DAYS * DAY_MS) return { ticket: name, ticketUntil: until }
  }
  const day = new Date(now + OPEN_DAYS * DAY_MS).toISOString().slice(0, 10)
  return { ticket: after(name), ticketUntil: `${day}T00:00:00Z` }
}

/** The names that the tickets of stores have to have, by resource. */
function ticketsOfStores({ standing }: SurroundingsContext): Record<string, string> {
  const held = standing.filter(({ type, name }) => type === TICKET_TYPE && name !== TICKET)
  return Object.fromEntries(
    held.map(({ name, inputs, outputs }) => {
      const is = textAt(inputs, 'name')
      return [name, is !== undefined && wasTold(outputs) ? is : after(is)]
    }),
  )
}

/** Its address is secret, and closed here: that it is there is all there is to see. */
function wasTold(outputs: Record<string, unknown> = {}): boolean {
  return 'accessUri' in outputs
}

/** `ticket-3` comes after `ticket-2`. */
export function after(name: string | undefined): string {
  return `ticket-${Number(/\d+$/.exec(name ?? '')?.[0] ?? 0) + 1}`
}

function found(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new PipiError('provider.failed', `expected ${what} in this tenancy, got none`, {
    hint: 'look whether the user may read it, and whether the region is the home region',
  })
}
