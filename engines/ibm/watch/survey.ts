import { z } from 'zod'
import type { Found, Survey, WatchContext } from '../../contract/watch.ts'
import { gigabytesOf } from '../sizes.ts'
import { keyDetails } from './account.ts'
import { call } from './call.ts'
import { registryTypes, surveyRegistries } from './registry.ts'

const CONTROLLER = 'https://resource-controller.cloud.ibm.com'
const PROJECT = 'ibm:codeengine/project:Project'
const FUNCTION = 'ibm:codeengine/function:Function'
const APP = 'ibm:codeengine/app:App'
const INSTANCE = 'ibm:cloudant/instance:Instance'
const OTHER = 'ibm:resource/instance:Instance'
/** An account with more pages of one kind than this is not one of ours. */
const MOST_PAGES = 50
const GONE = ['removed', 'pending_removal', 'pending_reclamation']

/** What this survey lists. Jobs, builds and secrets cost nothing by being there. */
export const types: readonly string[] = [PROJECT, FUNCTION, APP, INSTANCE, OTHER, ...registryTypes]

const instanceSchema = z.looseObject({
  guid: z.string(),
  crn: z.string(),
  name: z.string(),
  region_id: z.string().default(''),
  resource_plan_id: z.string().default(''),
  state: z.string().optional(),
})
const instancesSchema = z.looseObject({
  resources: z.array(instanceSchema).default([]),
  next_url: z.string().nullish(),
})
const functionSchema = z.looseObject({
  name: z.string(),
  scale_cpu_limit: z.string(),
  scale_memory_limit: z.string(),
  scale_max_execution_time: z.number(),
  scale_down_delay: z.number(),
})
const appSchema = z.looseObject({
  name: z.string(),
  image_reference: z.string().optional(),
  scale_min_instances: z.number().optional(),
  scale_max_instances: z.number().optional(),
  scale_cpu_limit: z.string().optional(),
  scale_memory_limit: z.string().optional(),
  scale_request_timeout: z.number().optional(),
  scale_down_delay: z.number().default(0),
})
const nextSchema = z.looseObject({ start: z.string() }).nullish()

/**
 * Every instance of a service in the account, what lies in the projects of Code Engine, and in the registries. Nothing
 * carries our tag.
 */
const survey: Survey = async (context) => {
  const account = (await keyDetails(context))?.account_id ?? context.account.id
  const found: Found[] = await surveyRegistries(context, account)
  for (const one of await instances(context)) {
    const { guid, crn, name, region_id: region, resource_plan_id } = one
    const service = crn.split(':')[4] ?? ''
    if (service === 'codeengine') {
      const project = `${region}/${guid}`
      found.push({ type: PROJECT, id: project, region, inputs: { name, region } })
      found.push(...(await within(context, project, region)))
    } else if (service === 'cloudantnosqldb') {
      const plan = resource_plan_id.replace(/^cloudant-/, '')
      found.push({ type: INSTANCE, id: guid, region, inputs: { name, region, plan } })
    } else found.push({ type: OTHER, id: guid, region, inputs: { name, service, plan: resource_plan_id } })
  }
  return found
}

export default survey

async function instances(context: WatchContext): Promise<z.infer<typeof instanceSchema>[]> {
  const all: z.infer<typeof instanceSchema>[] = []
  let url: string | undefined = `${CONTROLLER}/v2/resource_instances?limit=100`
  for (let page = 0; url !== undefined && page < MOST_PAGES; page += 1) {
    const answer: z.infer<typeof instancesSchema> | undefined = await call(context, url, instancesSchema)
    all.push(...(answer?.resources ?? []))
    url = answer?.next_url ? new URL(answer.next_url, CONTROLLER).href : undefined
  }
  return all.filter(({ state }) => !GONE.includes(state ?? ''))
}

async function within(context: WatchContext, project: string, region: string): Promise<Found[]> {
  const functions = await list(context, project, 'functions', functionSchema)
  const apps = await list(context, project, 'apps', appSchema)
  return [
    ...functions.map((one) => ({
      type: FUNCTION,
      id: `${project}/${one.name}`,
      region,
      inputs: {
        project,
        name: one.name,
        cpu: Number(one.scale_cpu_limit),
        memory: gigabytesOf(one.scale_memory_limit),
        timeout: one.scale_max_execution_time,
        scaleDownDelay: one.scale_down_delay,
      },
    })),
    ...apps.map((one) => ({
      type: APP,
      id: `${project}/${one.name}`,
      region,
      inputs: { project, ...settingsOf(one) },
    })),
  ]
}

function settingsOf({ scale_memory_limit: memory, ...one }: z.infer<typeof appSchema>): Record<string, unknown> {
  const names = Object.keys(appSchema.shape) as (keyof typeof one)[]
  return {
    ...Object.fromEntries(names.flatMap((name) => (one[name] === undefined ? [] : [[name, one[name]]]))),
    ...(memory === undefined ? {} : { scale_memory_limit: `${gigabytesOf(memory)}G` }),
  }
}

async function list<T>(context: WatchContext, project: string, kind: string, item: z.ZodType<T>): Promise<T[]> {
  const [region, guid] = project.split('/')
  const schema = z.looseObject({ [kind]: z.array(item).default([]), next: nextSchema })
  const all: T[] = []
  let start: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const more = start === undefined ? '' : `&start=${encodeURIComponent(start)}`
    const url = `https://api.${region}.codeengine.cloud.ibm.com/v2/projects/${guid}/${kind}?limit=100${more}`
    const answer = await call(context, url, schema)
    all.push(...((answer?.[kind] as T[] | undefined) ?? []))
    start = (answer?.next as z.infer<typeof nextSchema>)?.start
    if (start === undefined) break
  }
  return all
}
