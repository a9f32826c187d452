import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { PipiError } from '../../../catalog/errors.ts'

/** The one address of a host that a source is then fetched from. Throws `source.unreachable`. */
export async function publicAddress(host: string): Promise<string> {
  return (await publicAddresses(host))[0].address
}

/**
 * All addresses of a host, of which there is one at least. A name that leads into a private network, to this
 * machine or to a cloud's metadata service is refused: what people write into a manifest must not reach inside.
 */
export async function publicAddresses(host: string): Promise<[LookupAddress, ...LookupAddress[]]> {
  const bare = host.replace(/^\[|\]$/g, '')
  const found = await lookup(bare, { all: true }).catch((cause: Error) => {
    throw new PipiError('source.unreachable', `The host ${bare} is not known here`, {
      hint: 'Check the address of the source for typing errors.',
      cause,
    })
  })
  const inside = found.find(({ address }) => isPrivate(address))
  const [first, ...more] = found
  if (inside !== undefined || first === undefined) {
    throw new PipiError(
      'source.unreachable',
      `The host ${bare} is not a public one (${inside?.address ?? 'no address'})`,
      {
        hint: 'Sources are fetched from public hosts only. Deploy a private source from its folder.',
      },
    )
  }
  return [first, ...more]
}

/** Whether an IP address belongs to a network that is not the public internet. What is no address counts as private. */
export function isPrivate(address: string): boolean {
  const version = isIP(address)
  if (version === 4) return PRIVATE.check(address, 'ipv4')
  // IPv6 that wraps an IPv4 address reaches the latter; the block list knows `::ffff:a.b.c.d` by itself.
  return version === 0 || PRIVATE.check(address, 'ipv6')
}

const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6')
}
