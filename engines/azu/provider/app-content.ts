import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { type Azure, failed, jsonOf } from './azure.ts'
import { type Kind, namesIn } from './kind.ts'
import { contentShape, packageKnown, pathOf, settingsSchema } from './package.ts'

const schema = z.strictObject({ ...contentShape, appName: z.string().min(1), settings: settingsSchema })
const VERSION = '2024-04-01'
const siteSchema = z.looseObject({
  properties: z.looseObject({
    defaultHostName: z.string().min(1),
    hostNameSslStates: z.array(z.looseObject({ name: z.string(), hostType: z.string().optional() })),
  }),
})
const listSchema = z.looseObject({ properties: z.record(z.string(), z.string()).nullish() })
const deploymentSchema = z.looseObject({
  message: z.string().nullish(),
  status: z.number(),
  status_text: z.string().nullish(),
  complete: z.boolean().nullish(),
})
const [FAILED, SUCCEEDED] = [3, 4]
/** Looks at a deployment: with two seconds between them ten minutes. */
const LOOKS = 300

/**
 * Program and settings of an App Service app. The zip goes to the app's own deployment service (zip push deployment)
 * with the token of the engine, so no publishing password is used; its digest is the deployment's message.
 */
export const appContent: Kind<z.infer<typeof schema>> = {
  inputs: schema,
  replaceOn: ['resourceGroupName', 'appName'],
  secrets: [],
  idOf: ({ resourceGroupName, appName }, azure) => `${siteAt(azure, resourceGroupName, appName)}/content`,
  async put(inputs, azure) {
    const path = siteAt(azure, inputs.resourceGroupName, inputs.appName)
    const site = await azure.arm('GET', path, VERSION, siteSchema)
    if (site === undefined) throw new Error(`there is no app "${inputs.appName}"`)
    await azure.arm('PUT', `${path}/config/appsettings`, VERSION, listSchema, { properties: inputs.settings })
    await deploy(azure, deploymentsAt(site), inputs.digest, await readFile(pathOf(inputs.package)))
    return { url: `https://${site.properties.defaultHostName}/` }
  },
  async find(id, azure, known) {
    const { group, name } = namesIn(id)
    const path = siteAt(azure, group, name)
    const site = await azure.arm('GET', path, VERSION, siteSchema)
    const latest = site === undefined ? undefined : await latestOf(azure, deploymentsAt(site))
    if (site === undefined || latest?.status !== SUCCEEDED) return undefined
    const settings = await azure.arm('POST', `${path}/config/appsettings/list`, VERSION, listSchema)
    const host = site.properties.defaultHostName
    const digest = latest.message ?? ''
    return {
      inputs: {
        resourceGroupName: group,
        appName: name,
        host,
        digest,
        settings: settings?.properties ?? {},
        ...packageKnown(known, digest),
      },
      outputs: { url: `https://${host}/` },
    }
  },
}

async function deploy(azure: Azure, service: string, digest: string, zip: Uint8Array<ArrayBuffer>): Promise<void> {
  const query = new URLSearchParams({ isAsync: 'true', deployer: 'pipi', message: digest })
  const answer = await azure.call(`${service}/api/zipdeploy?${query}`, {
    method: 'POST',
    headers: { ...(await azure.bearer()), 'content-type': 'application/zip' },
    body: zip,
  })
  if (!answer.ok) throw failed('the zip of a release', answer.status, await jsonOf(answer))
  await answer.body?.cancel()
  for (let look = 0; look < LOOKS; look += 1) {
    const latest = await latestOf(azure, service)
    // Until ours is the latest, the one before it still says how it went.
    if (latest?.message === digest && latest.status === SUCCEEDED) return
    if (latest?.message === digest && latest.status === FAILED)
      throw new Error(`the app's deployment service could not deploy it: ${latest.status_text ?? 'no reason is given'}`)
    await azure.pause()
  }
  throw new PipiError('provider.failed', 'a release was not deployed within ten minutes', {
    hint: 'look at the deployment center of the app',
  })
}

async function latestOf(azure: Azure, service: string): Promise<z.infer<typeof deploymentSchema> | undefined> {
  const answer = await azure.call(`${service}/api/deployments/latest`, { headers: await azure.bearer() })
  const said = await jsonOf(answer)
  if (answer.status === 404) return undefined
  const parsed = deploymentSchema.safeParse(said)
  if (answer.ok && parsed.success) return parsed.data
  throw failed('the latest deployment', answer.status, said)
}

/** Where an app's deployment service is. */
function deploymentsAt({ properties }: z.infer<typeof siteSchema>): string {
  const found = properties.hostNameSslStates.find((one) => one.hostType === 'Repository')
  return `https://${found?.name ?? properties.defaultHostName.replace('.', '.scm.')}`
}

function siteAt(azure: Azure, group: string, name: string): string {
  return `/subscriptions/${azure.subscription}/resourceGroups/${group}/providers/Microsoft.Web/sites/${name}`
}
