import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** Who vouches for the simulated addresses of a platform, towards one program that trusts it. */
export interface Authority {
  /** PEM: what the program has to trust. */
  certificate: string
  /** PEM: what a host of this name shows. */
  prove(host: string): { key: string; cert: string }
}

interface Pair {
  publicKey: KeyObject
  privateKey: KeyObject
}

const DAY_MS = 86_400_000
const [SEQUENCE, SET, INTEGER, BITS, OCTETS, BOOLEAN, UTF8, TIME] = [0x30, 0x31, 0x02, 0x03, 0x04, 0x01, 0x0c, 0x17]
/** As DER has them: ecdsa-with-SHA256, commonName, and the extensions of X.509 (RFC 5280). */
const SIGNED_BY = Buffer.from('300a06082a8648ce3d040302', 'hex')
const NAME = Buffer.from('0603550403', 'hex')
const [KEY_ID, USAGE, NAMES, CONSTRAINTS, ISSUER_ID] = ['0e', '0f', '11', '13', '23'].map((last) =>
  Buffer.from(`0603551d${last}`, 'hex'),
) as [Buffer, Buffer, Buffer, Buffer, Buffer]

/** An authority that nobody knows yet, with a key that is written nowhere. Its certificates are good for a month. */
export function makeAuthority(name: string): Authority {
  const own = newPair()
  const id = keyId(own)
  const yes = tlv(BOOLEAN, Buffer.of(0xff))
  const certificate = certify(name, own, name, own, [
    [CONSTRAINTS, yes, tlv(OCTETS, tlv(SEQUENCE, yes))],
    // It signs certificates, and nothing else.
    [USAGE, yes, tlv(OCTETS, tlv(BITS, Buffer.of(2, 0x04)))],
    [KEY_ID, tlv(OCTETS, tlv(OCTETS, id))],
  ])
  return {
    certificate,
    prove(host) {
      const pair = newPair()
      const cert = certify(host, pair, name, own, [
        [NAMES, tlv(OCTETS, tlv(SEQUENCE, tlv(0x82, Buffer.from(host))))],
        [ISSUER_ID, tlv(OCTETS, tlv(SEQUENCE, tlv(0x80, id)))],
      ])
      return { cert, key: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })) }
    },
  }
}

function newPair(): Pair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function keyId({ publicKey }: Pair): Buffer {
  return createHash('sha1').update(spki(publicKey)).digest()
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

function certify(subject: string, { publicKey }: Pair, issuer: string, by: Pair, extensions: Buffer[][]): string {
  const now = Date.now()
  const body = tlv(
    SEQUENCE,
    tlv(0xa0, tlv(INTEGER, Buffer.of(2))),
    tlv(INTEGER, Buffer.of(1), randomBytes(8)),
    SIGNED_BY,
    named(issuer),
    tlv(SEQUENCE, time(now - DAY_MS), time(now + 30 * DAY_MS)),
    named(subject),
    spki(publicKey),
    tlv(0xa3, tlv(SEQUENCE, ...extensions.map((parts) => tlv(SEQUENCE, ...parts)))),
  )
  const whole = tlv(SEQUENCE, body, SIGNED_BY, tlv(BITS, Buffer.of(0), sign('sha256', body, by.privateKey)))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** A name has at most 64 characters there; hosts are looked up in their extension. */
function named(text: string): Buffer {
  return tlv(SEQUENCE, tlv(SET, tlv(SEQUENCE, NAME, tlv(UTF8, Buffer.from(text.slice(0, 64))))))
}

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)
  return tlv(TIME, Buffer.from(`${text}Z`))
}

/** DER: what it is, how long, and what is in it. */
function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}
