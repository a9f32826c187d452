import structProto from 'google-protobuf/google/protobuf/struct_pb.js'

/**
 * Pulumi's property values as TypeScript sees them: plain JSON with four special values inside. The signatures are
 * Pulumi's wire protocol (sdk/nodejs/runtime/rpc.ts).
 */
const SIGNATURE = '4dabf18193072939515e22adb298388d'
const SECRET = '1b47061264138c4ac30d75fd1eb44270'
const ASSET = 'c44067f5952c0a294b673a41bacd8c17'
const ARCHIVE = '0def7320c3a5731c473e5ecbe6d01bc7'
const OUTPUT = 'd0e6a833031e9bbcd3f4e8bde6ca49a4'
const UNKNOWNS = new Set([
  '04da6b54-80e4-46f7-96ec-b56ff0331ba9',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  '030794c1-ac77-496b-92df-f27374a8bd58',
  'e48ece36-62e2-4504-bad9-02848725956a',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
])

/** A value that is not known yet: the output of a resource that does not exist. */
export const UNKNOWN = Symbol.for('pipi.unknown')

/** A value that no log, state in clear, error or journal may hold. */
export class Secret {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
  toJSON(): string {
    return '[secret]'
  }
}

/** A file, text or address handed to a provider. */
export class Asset {
  readonly kind: 'asset' | 'archive'
  readonly path: string | undefined
  readonly text: string | undefined
  readonly uri: string | undefined
  readonly hash: string | undefined
  /** Entries of an archive made of parts. */
  readonly assets: Record<string, unknown> | undefined
  constructor(
    kind: 'asset' | 'archive',
    from: { path?: string; text?: string; uri?: string; hash?: string; assets?: Record<string, unknown> },
  ) {
    this.kind = kind
    this.path = from.path
    this.text = from.text
    this.uri = from.uri
    this.hash = from.hash
    this.assets = from.assets
  }
}

export type Values = Record<string, unknown>

/** Reads a message of Pulumi's protocol; undefined becomes `{}`. */
export function fromStruct(struct: structProto.Struct | undefined): Values {
  return struct === undefined ? {} : (decode(struct.toJavaScript()) as Values)
}

/** Writes values for Pulumi's protocol. Undefined properties are left out. */
export function toStruct(values: Values): structProto.Struct {
  return structProto.Struct.fromJavaScript(encode(values) as Record<string, structProto.JavaScriptValue>)
}

/** Values without wrappers, for arithmetic only: secrets opened, unknowns undefined, assets as they are. */
export function plain(values: Values): Values {
  return strip(values) as Values
}

/** True when an unknown stands anywhere inside. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true
  if (value instanceof Secret) return hasUnknown(value.value)
  if (value instanceof Asset) return false
  if (Array.isArray(value)) return value.some(hasUnknown)
  return isRecord(value) && Object.values(value).some(hasUnknown)
}

/** True when a secret stands anywhere inside. */
export function hasSecret(value: unknown): boolean {
  if (value instanceof Secret) return true
  if (value instanceof Asset) return hasSecret(value.assets)
  if (Array.isArray(value)) return value.some(hasSecret)
  return isRecord(value) && Object.values(value).some(hasSecret)
}

/** Values with an unknown in the place of each secret. */
export function withoutSecrets(values: Values): Values {
  return close(values) as Values
}

function close(value: unknown): unknown {
  if (value instanceof Secret) return UNKNOWN
  if (value instanceof Asset) return value
  if (Array.isArray(value)) return value.map(close)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, close(inner)]))
}

/** From JSON as it stands in messages and checkpoints (also `ciphertext` secrets, which stay closed). */
export function decode(value: unknown): unknown {
  if (typeof value === 'string') return UNKNOWNS.has(value) ? UNKNOWN : value
  if (Array.isArray(value)) return value.map(decode)
  if (!isRecord(value)) return value
  switch (value[SIGNATURE]) {
    case SECRET:
      return new Secret('ciphertext' in value ? UNKNOWN : decode(value.value))
    case OUTPUT: {
      const known = 'value' in value ? decode(value.value) : UNKNOWN
      return value.secret === true ? new Secret(known) : known
    }
    case ASSET:
    case ARCHIVE:
      return new Asset(value[SIGNATURE] === ASSET ? 'asset' : 'archive', {
        ...pick(value, 'path'),
        ...pick(value, 'text'),
        ...pick(value, 'uri'),
        ...pick(value, 'hash'),
        ...(isRecord(value.assets) ? { assets: decode(value.assets) as Record<string, unknown> } : {}),
      })
    default:
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decode(inner)]))
  }
}

/** To JSON as it stands in messages. */
export function encode(value: unknown): unknown {
  if (value === UNKNOWN) return '04da6b54-80e4-46f7-96ec-b56ff0331ba9'
  if (value instanceof Secret) return { [SIGNATURE]: SECRET, value: encode(value.value) }
  if (value instanceof Asset) {
    const { kind, assets, ...from } = value
    const parts = assets === undefined ? {} : { assets: encode(assets) }
    return { [SIGNATURE]: kind === 'asset' ? ASSET : ARCHIVE, ...dropUndefined(from), ...parts }
  }
  if (Array.isArray(value)) return value.map((inner) => encode(inner) ?? null)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(dropUndefined(value)).map(([key, inner]) => [key, encode(inner)]))
}

function strip(value: unknown): unknown {
  if (value === UNKNOWN) return undefined
  if (value instanceof Secret) return strip(value.value)
  if (value instanceof Asset) return value
  if (Array.isArray(value)) return value.map(strip)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, strip(inner)]))
}

function pick<K extends string>(from: Record<string, unknown>, key: K): { [P in K]?: string } {
  const value = from[key]
  return (typeof value === 'string' && value !== '' ? { [key]: value } : {}) as { [P in K]?: string }
}

function dropUndefined(from: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
