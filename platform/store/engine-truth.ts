import { z } from 'zod'
import { manifestSchema } from '../../engines/contract/manifest.ts'
import {
  type Beat,
  type Drift,
  type EngineTruth,
  LEASE_MS,
  type Order,
  type Settlement,
  type WatchReport,
} from '../../factory/contract/truth.ts'
import type { Intent, IntentLog, OpenIntent, Outcome } from '../../stacks/contract/intents.ts'
import { driftSchema, kindSchema, sourceOfOrderSchema } from './deployment.ts'
import { stackSecret } from './engine-key.ts'
import { newId } from './id.ts'
import { jsonb } from './jsonb.ts'
import { type Database, openStore } from './open.ts'
import { factsSchema, refusalOf } from './refusal.ts'
import { credentialsOf, openForEngine } from './secret-seal.ts'
import { MOST_ATTEMPTS } from './take-over.ts'
import { configSchema, withConfig } from './with-config.ts'

export interface EngineTruthOptions {
  /** The engine role's URL, from `engineAccess`. */
  url: string
  /** This clone's name: it holds the leases. */
  clone: string
  /** The engine's key, from `engineKey`: stack passphrases are made of it and never stored. */
  key: Uint8Array
  /** How long a lease lasts without `renew`, milliseconds. */
  leaseMs?: number
  connections?: number
}

const cloudAccountSchema = z.object({
  id: z.string(),
  engine: z.string(),
  plan: z.string(),
  consentWatched: z.boolean(),
  switch: z.enum(['open', 'stopped', 'suspended']).optional(),
  staleUntil: z.string().optional(),
  armed: z.boolean().optional(),
})

const watchSchema = z.object({
  kind: z.enum(['usage', 'survey', 'check']),
  cloudAccount: cloudAccountSchema,
  clone: z.string(),
  now: z.number(),
  claim: z.string().optional(),
  sealed: z.string().optional(),
  sealedFor: z.string().optional(),
  gone: z
    .array(
      z.object({ id: z.string(), type: z.string(), region: z.string(), perHour: z.record(z.string(), z.number()) }),
    )
    .optional(),
  workspaces: z
    .array(
      z.object({
        id: z.string(),
        region: z.string(),
        manifest: manifestSchema,
        resources: z.array(z.object({ urn: z.string(), type: z.string(), id: z.string() })),
      }),
    )
    .optional(),
})

const orderSchema = z.object({
  deployment: z.string(),
  kind: kindSchema,
  account: z.string(),
  workspace: z.object({ id: z.string(), name: z.string() }),
  engine: z.string(),
  cloudAccount: cloudAccountSchema,
  region: z.string(),
  manifest: manifestSchema,
  source: sourceOfOrderSchema,
  token: z.int(),
  attempt: z.int(),
  deleteData: z.boolean(),
  endsAt: z.string().optional(),
  sealed: z.string().optional(),
  credentials: z.string().optional(),
  config: configSchema.optional(),
  artifact: z.string().optional(),
  repair: z.boolean().optional(),
  drift: z.array(driftSchema).optional(),
  suspended: z.boolean().optional(),
})

/** The truth as an engine reaches it: the named functions of its database role, and nothing else. */
export function openEngineTruth(options: EngineTruthOptions): EngineTruth {
  const { clone, key, leaseMs = LEASE_MS } = options
  const db = openStore(options.url, { connections: options.connections ?? 6, name: `pipi-engine ${clone}` })
  return {
    take: async (deployment) => {
      const order = await one(db, 'engine.take($1, $2, $3, $4)', [deployment, clone, leaseMs, MOST_ATTEMPTS])
      if (order === null) return null
      const { sealed, credentials, config, ...read } = orderSchema.parse(order)
      const opened = (text: string, purpose: string) => openForEngine(key, purpose, Buffer.from(text, 'base64'))
      return {
        ...read,
        manifest: withConfig(read.manifest, config),
        secret: stackSecret(key, read.workspace.id),
        ...(sealed === undefined ? {} : { secrets: opened(sealed, deployment) }),
        ...(credentials === undefined ? {} : { credentials: opened(credentials, credentialsOf(deployment)) }),
      }
    },
    renew: async (order) =>
      z.enum(['ok', 'cancel']).parse(await one(db, 'engine.renew($1, $2, $3)', [...lease(order), leaseMs])),
    advance: async (order, to, waitingFor) => {
      await one(db, 'engine.advance($1, $2, $3, $4)', [...lease(order), to, waitingFor ?? null])
    },
    tell: async (order, lines) => {
      if (lines.length > 0) await one(db, 'engine.tell($1, $2, $3)', [...lease(order), jsonb(lines)])
    },
    reserve: async (order, lines) => {
      const facts = await one(db, 'engine.reserve($1, $2, $3)', [...lease(order), jsonb(lines)])
      return facts === null ? { ok: true } : { ok: false, refusal: refusalOf(factsSchema.parse(facts)) }
    },
    wouldReserve: async (order, lines) => {
      const facts = await one(db, 'engine.would_reserve($1, $2, $3)', [...lease(order), jsonb(lines)])
      return facts === null ? { ok: true } : { ok: false, refusal: refusalOf(factsSchema.parse(facts)) }
    },
    noteDrift: async (order, drift) => {
      await one(db, 'engine.note_drift($1, $2, $3)', [...lease(order), jsonb(drift satisfies Drift[])])
    },
    intents: (order) => intentLog(db, order),
    upload: async (order, digest) =>
      z.instanceof(Uint8Array).parse(await one(db, 'engine.upload($1, $2, $3)', [...lease(order), digest])),
    settle: async (order, settlement) => {
      await one(db, 'engine.settle($1, $2, $3)', [...lease(order), jsonb(settlement satisfies Settlement)])
    },
    handBack: async (order, reason) => {
      await one(db, 'engine.hand_back($1, $2, $3)', [...lease(order), reason])
    },
    beat: async (beat) =>
      z.enum(['work', 'drain']).parse(await one(db, 'engine.beat($1)', [jsonb(beat satisfies Beat)])),
    takeWatch: async (holder, kinds) => {
      const watch = await one(db, 'engine.take_watch($1, $2)', [holder, kinds])
      if (watch === null) return null
      const { sealed, sealedFor = '', ...read } = watchSchema.parse(watch)
      if (sealed === undefined) return read
      return { ...read, credentials: openForEngine(key, sealedFor, Buffer.from(sealed, 'base64')) }
    },
    reportWatch: async (watch, report) => {
      if (watch.claim !== undefined) {
        await one(db, 'engine.report_claim($1, $2, $3)', [
          watch.claim,
          watch.clone,
          jsonb(report satisfies WatchReport),
        ])
        return
      }
      await one(db, 'engine.report_watch($1, $2, $3, $4)', [
        watch.cloudAccount.id,
        watch.kind,
        watch.clone,
        jsonb(report satisfies WatchReport),
      ])
    },
    close: () => db.close(),
  }
}

function intentLog(db: Database, order: Order): IntentLog {
  return {
    begin: async (intent: Intent) => {
      const id = intent.intent ?? newId('i')
      await one(db, 'engine.begin_intent($1, $2, $3, $4)', [...lease(order), id, jsonb(intent)])
      return id
    },
    end: async (intent: string, outcome: Outcome) => {
      await one(db, 'engine.end_intent($1, $2, $3, $4)', [...lease(order), intent, jsonb(outcome)])
    },
    reopen: async (urns) => {
      await one(db, 'engine.reopen_intents($1, $2, $3)', [...lease(order), urns])
    },
    open: async () => {
      const rows = await db.query(
        `select intent, token, urn, type, operation, cloud_id as id, lookup, deadline_ms as "deadlineMs", due_in_ms as "dueInMs" from engine.open_intents($1, $2)`,
        lease(order),
      )
      return rows.map((row) => openIntentSchema.parse({ ...row, due: (row.dueInMs as number) <= 0 }))
    },
  }
}

const openIntentSchema: z.ZodType<OpenIntent> = z.object({
  intent: z.string(),
  token: z.int(),
  urn: z.string(),
  type: z.string(),
  operation: z.enum(['create', 'update', 'delete', 'import']),
  id: z
    .string()
    .nullable()
    .transform((id) => id ?? undefined),
  lookup: z
    .record(z.string(), z.unknown())
    .nullable()
    .transform((lookup) => lookup ?? undefined),
  deadlineMs: z.number(),
  due: z.boolean(),
  dueInMs: z.number(),
})

function lease(order: Order): [string, number] {
  return [order.deployment, order.token]
}

/** What a function of one value gives. */
async function one(db: Database, call: string, values: unknown[]): Promise<unknown> {
  const [row] = await db.query<{ value: unknown }>(`select ${call} as value`, values)
  return row?.value ?? null
}
