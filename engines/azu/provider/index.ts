import { z } from 'zod'
import type { CheckFailure, ConfiguredProvider, TypeScriptProvider, Values } from '../../../stacks/contract/provider.ts'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { serveProvider } from '../../../stacks/provider/serve.ts'
import { Asset, hasUnknown, plain, Secret, UNKNOWN } from '../../../stacks/wire/values.ts'
import { OWN } from '../own-types.ts'
import { accountKey } from './account-key.ts'
import { appContent } from './app-content.ts'
import { Azure, type Send } from './azure.ts'
import type { Kind } from './kind.ts'
import { password } from './password.ts'
import { siteContent } from './site-content.ts'

const KINDS: Record<string, Kind> = {
  [OWN.siteContent]: siteContent as unknown as Kind,
  [OWN.appContent]: appContent as unknown as Kind,
  [OWN.password]: password as unknown as Kind,
  [OWN.accountKey]: accountKey as unknown as Kind,
}
const credentialsSchema = z
  .object({
    tenantId: z.string().min(1),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1).optional(),
    oidcToken: z.string().min(1).optional(),
    subscriptionId: z.string().min(1),
  })
  .transform(({ clientSecret, oidcToken, ...rest }, context) => {
    if (oidcToken !== undefined) return { ...rest, oidcToken }
    if (clientSecret !== undefined) return { ...rest, clientSecret }
    context.addIssue({ code: 'custom', message: 'expected clientSecret or oidcToken' })
    return z.NEVER
  })
const PAUSE_MS = 2_000

/** Puts the provider on the wire. `send` and `pauseMs` are for who plays the platform. */
export async function startProvider({
  send = (url, request) => fetch(url, request),
  pauseMs = PAUSE_MS,
}: {
  send?: Send
  pauseMs?: number
} = {}): Promise<{ address: string; close(): Promise<void> }> {
  const provider: TypeScriptProvider = {
    name: OWN.provider,
    version: '0.1.0',
    async configure(variables) {
      const credentials = credentialsSchema.parse(variables)
      const stopping = new AbortController()
      const azure = new Azure({ credentials, send, signal: stopping.signal, pauseMs })
      return { ...configured(azure), cancel: () => stopping.abort() }
    },
  }
  return serveProvider(provider)
}

function configured(azure: Azure): ConfiguredProvider {
  const put = async (kind: Kind, inputs: Values): Promise<{ id: string; outputs: Values }> => {
    const known = kind.inputs.parse(opened(inputs))
    return { id: kind.idOf(known, azure), outputs: { ...inputs, ...marked(kind, await kind.put(known, azure)) } }
  }
  return {
    check: async (type, inputs) => ({ inputs, failures: failuresOf(kindOf(type), inputs) }),
    async diff(type, _id, old, now) {
      const all = changedProperties(old, now)
      // The same bytes may lie in another place.
      const changed = all.includes('digest') ? all : all.filter((property) => property !== 'package')
      const replaces = changed.filter((property) => kindOf(type).replaceOn.includes(property))
      return { changes: changed.length > 0, replaces, deleteBeforeReplace: replaces.length > 0 }
    },
    async create(type, inputs, _urn, preview) {
      return preview ? { id: '', outputs: { ...inputs, ...toCome(type) } } : put(kindOf(type), inputs)
    },
    async read(type, id, _urn, inputs, state) {
      const kind = kindOf(type)
      const found = await kind.find(id, azure, inputs && opened(inputs), state && opened(state))
      if (found === undefined) return undefined
      const known = sealed(found.inputs)
      return { id, inputs: known, outputs: { ...known, ...marked(kind, found.outputs) } }
    },
    async update(type, _id, _old, now, _urn, preview) {
      return { outputs: preview ? { ...now, ...toCome(type) } : (await put(kindOf(type), now)).outputs }
    },
    // It goes with the app or the account that it belongs to; a password is in the state alone.
    delete: async () => undefined,
    invoke: async (token) => {
      throw new Error(`${OWN.provider} has no data source ${token}`)
    },
  }
}

function kindOf(type: string): Kind {
  const kind = KINDS[type]
  if (kind === undefined) throw new Error(`${OWN.provider} has no ${type}, only ${Object.keys(KINDS).join(', ')}`)
  return kind
}

/** Secrets opened; assets stay what they are. */
function opened(inputs: Values): Values {
  return plain(inputs)
}

/** What a platform tells of settings does not say which of them are secrets. */
function sealed(inputs: Values): Values {
  return inputs.settings === undefined ? inputs : { ...inputs, settings: new Secret(inputs.settings) }
}

function marked({ secrets }: Kind, outputs: Values): Values {
  const named = secrets.filter((key) => outputs[key] !== undefined && !(outputs[key] instanceof Secret))
  return { ...outputs, ...Object.fromEntries(named.map((key) => [key, new Secret(outputs[key])])) }
}

/** What only the platform can say. */
function toCome(type: string): Values {
  const key = { [OWN.password]: 'result', [OWN.accountKey]: 'connection' }[type] ?? 'url'
  return { [key]: UNKNOWN }
}

/** What is known has to fit; what is not known yet, and packages that are only a hash, pass. */
function failuresOf({ inputs: schema }: Kind, inputs: Values): CheckFailure[] {
  const open = Object.keys(inputs).filter((key) => hasUnknown(inputs[key]) || inputs[key] instanceof Asset)
  const parsed = schema.safeParse(opened(inputs))
  if (parsed.success) return []
  return parsed.error.issues
    .filter((issue) => !open.includes(String(issue.path[0])))
    .map((issue) => ({ property: issue.path.join('.'), reason: issue.message }))
}
