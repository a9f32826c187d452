import { z } from 'zod'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { gigabytesOf } from '../sizes.ts'
import { partsOf } from './code-engine.ts'
import type { Read } from './resource-type.ts'

const probeSchema = z.strictObject({
  type: z.enum(['http', 'tcp']),
  path: z.string().optional(),
  port: z.int().optional(),
  /** Seconds. */
  initial_delay: z.int().min(1).max(10).optional(),
  interval: z.int().min(1).max(60).optional(),
  timeout: z.int().min(1).optional(),
  failure_threshold: z.int().min(1).max(10).optional(),
})
const variableSchema = z.strictObject({
  type: z.enum(['literal', 'secret_full_reference']),
  name: z.string().optional(),
  value: z.string().optional(),
  reference: z.string().optional(),
})
const size = z.string().regex(/^\d+(\.\d+)?[GM]$/, 'a size, as "1G" or "400M"')

/** As Code Engine's API names them; what is left out is as it is free. */
export const appInputs = z.strictObject({
  project: z.string().min(1),
  name: z.string().regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/),
  /** By digest, so that what runs is what was pushed. */
  image_reference: z.string().regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$/, 'an image by digest'),
  /** Name of the registry secret that it is pulled with. */
  image_secret: z.string().optional(),
  image_port: z.int().min(1).max(65_535).default(8080),
  managed_domain_mappings: z.enum(['local_public', 'local']).default('local_public'),
  run_env_variables: z.array(variableSchema).default([]),
  /** What its code may do with the project's own API: nothing. */
  run_service_account: z.enum(['none', 'reader', 'writer', 'manager', 'default']).default('none'),
  scale_min_instances: z.int().min(0).max(250).default(0),
  scale_max_instances: z.int().min(0).max(250).default(1),
  scale_concurrency: z.int().min(1).max(1000).default(100),
  scale_cpu_limit: z.string().regex(/^\d+(\.\d+)?$/, 'vCPU, as "0.25"'),
  scale_memory_limit: size,
  scale_ephemeral_storage_limit: size.default('400M'),
  /** Seconds that a request may take, with the start of an instance that it waits for. */
  scale_request_timeout: z.int().min(1).max(600).default(30),
  /** Seconds that an instance is kept on top of the minute that each is. */
  scale_down_delay: z.int().min(0).max(3600).default(0),
  probe_readiness: probeSchema.optional(),
  probe_liveness: probeSchema.optional(),
})
export type AppInputs = z.output<typeof appInputs>

export const appSchema = z.looseObject({
  name: z.string(),
  entity_tag: z.string(),
  status: z.string().optional(),
  status_details: z
    .looseObject({
      reason: z.string().optional(),
      latest_created_revision: z.string().optional(),
      latest_ready_revision: z.string().optional(),
    })
    .nullish(),
  endpoint: z.string().optional(),
  image_reference: z.string(),
  image_secret: z.string().optional(),
  image_port: z.number().default(8080),
  managed_domain_mappings: z.string().default('local_public'),
  run_env_variables: z.array(z.looseObject({ type: z.string() })).default([]),
  run_service_account: z.string().default('default'),
  scale_min_instances: z.number(),
  scale_max_instances: z.number(),
  scale_concurrency: z.number().default(100),
  scale_cpu_limit: z.string(),
  scale_memory_limit: z.string(),
  scale_ephemeral_storage_limit: z.string().default('400M'),
  scale_request_timeout: z.number(),
  scale_down_delay: z.number().default(0),
  probe_readiness: z.looseObject({}).optional(),
  probe_liveness: z.looseObject({}).optional(),
})
export type FoundApp = z.infer<typeof appSchema>

/** A request's body; a new revision is started once, which shows whether it can be. What an update leaves out stays. */
export function settingsOf({ project: _, name: __, ...settings }: AppInputs): Record<string, unknown> {
  return { ...settings, scale_initial_instances: 1 }
}

/** Whether an app that is there becomes another one by these: its address makes no new revision. */
export function isAnother(found: FoundApp, given: AppInputs): boolean {
  const { project, name } = given
  const old = shown(`${project}/${name}`, found, given).inputs
  return changedProperties(old, given).some((property) => property !== 'managed_domain_mappings')
}

/** As inputs and outputs. Of a probe only what was asked for: the platform fills in the rest. */
export function shown(id: string, found: FoundApp, known: Record<string, unknown> | undefined): Read {
  const { project, name } = partsOf(id)
  const probes = ['probe_readiness', 'probe_liveness'] as const
  const values = {
    project,
    name,
    image_reference: found.image_reference,
    ...(found.image_secret ? { image_secret: found.image_secret } : {}),
    image_port: found.image_port,
    managed_domain_mappings: found.managed_domain_mappings,
    run_env_variables: found.run_env_variables.map((one) => only(variableSchema.shape, one)),
    run_service_account: found.run_service_account,
    scale_min_instances: found.scale_min_instances,
    scale_max_instances: found.scale_max_instances,
    scale_concurrency: found.scale_concurrency,
    scale_cpu_limit: found.scale_cpu_limit,
    scale_memory_limit: `${gigabytesOf(found.scale_memory_limit)}G`,
    scale_ephemeral_storage_limit: `${gigabytesOf(found.scale_ephemeral_storage_limit) * 1000}M`,
    scale_request_timeout: found.scale_request_timeout,
    scale_down_delay: found.scale_down_delay,
    ...Object.fromEntries(
      probes.flatMap((probe) => {
        const there = found[probe]
        if (there === undefined || Object.keys(there).length === 0) return []
        const asked = known?.[probe]
        const wanted = typeof asked === 'object' && asked !== null ? asked : probeSchema.shape
        return [[probe, only(wanted, there)]]
      }),
    ),
  }
  return { id, inputs: values, outputs: { ...values, url: found.endpoint ?? '' } }
}

/** What has the names of the first, of the second. */
function only(names: object, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(names).flatMap((name) => (values[name] == null ? [] : [[name, values[name]]])))
}
