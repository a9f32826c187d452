import { z } from 'zod'
import type { Azure } from './azure.ts'
import { type Kind, namesIn } from './kind.ts'
import { contentShape, packageKnown, pathOf, settingsSchema } from './package.ts'
import { uploadSite } from './site-upload.ts'
import { splitZip } from './split-zip.ts'

const schema = z.strictObject({
  ...contentShape,
  siteName: z.string().min(1),
  /** The environment of its function; missing: it has none. */
  settings: settingsSchema.optional(),
})
const VERSION = '2024-04-01'
/** Stands among the app's settings once its files are there, since the platform names no release. */
const RELEASE = 'PIPI_RELEASE'

const siteSchema = z.looseObject({
  properties: z.looseObject({
    defaultHostname: z.string().min(1),
    contentDistributionEndpoint: z.string().startsWith('https://'),
  }),
})
const listSchema = z.looseObject({ properties: z.record(z.string(), z.string()).nullish() })
const secretsSchema = z.looseObject({ properties: z.looseObject({ apiKey: z.string().min(1) }) })

/** Files of a Static Web App, and its function with its settings. */
export const siteContent: Kind<z.infer<typeof schema>> = {
  inputs: schema,
  replaceOn: ['resourceGroupName', 'siteName'],
  secrets: [],
  idOf: ({ resourceGroupName, siteName }, azure) => `${siteAt(azure, resourceGroupName, siteName)}/content`,
  async put(inputs, azure) {
    const path = siteAt(azure, inputs.resourceGroupName, inputs.siteName)
    const site = await azure.arm('GET', path, VERSION, siteSchema)
    const secrets = await azure.arm('POST', `${path}/listSecrets`, VERSION, secretsSchema)
    if (site === undefined || secrets === undefined) throw new Error(`there is no static web app "${inputs.siteName}"`)
    const parts = await splitZip(pathOf(inputs.package))
    const [app, api] = [parts.get('app'), parts.get('api')]
    if (app === undefined) throw new Error('its zip has no folder "app"')
    await uploadSite(azure, {
      endpoint: site.properties.contentDistributionEndpoint,
      token: secrets.properties.apiKey,
      app,
      ...(api === undefined ? {} : { api }),
    })
    const properties = { ...inputs.settings, [RELEASE]: inputs.digest }
    await azure.arm('PUT', `${path}/config/appsettings`, VERSION, listSchema, { properties })
    return { url: `https://${site.properties.defaultHostname}/` }
  },
  async find(id, azure, known) {
    const { group, name } = namesIn(id)
    const path = siteAt(azure, group, name)
    const site = await azure.arm('GET', path, VERSION, siteSchema)
    const listed =
      site === undefined ? undefined : await azure.arm('POST', `${path}/listAppSettings`, VERSION, listSchema)
    const { [RELEASE]: digest, ...settings } = listed?.properties ?? {}
    if (site === undefined || digest === undefined) return undefined
    const host = site.properties.defaultHostname
    return {
      inputs: {
        resourceGroupName: group,
        siteName: name,
        host,
        digest,
        ...(Object.keys(settings).length === 0 && known?.settings === undefined ? {} : { settings }),
        ...packageKnown(known, digest),
      },
      outputs: { url: `https://${host}/` },
    }
  },
}

function siteAt(azure: Azure, group: string, name: string): string {
  return `/subscriptions/${azure.subscription}/resourceGroups/${group}/providers/Microsoft.Web/staticSites/${name}`
}
