import type { ProgramModule } from '../../contract/engine.ts'
import { declareByType } from '../../parts/declare/by-type.ts'
import { OWN } from '../own-types.ts'
import { APP_MB } from '../sizes.ts'
import { fileOf } from './file-of.ts'
import { packZip } from './pack-zip.ts'
import { declarePlace, declareThere } from './place.ts'
import { planOf } from './plan-of.ts'
import { settingsOf } from './settings-of.ts'

const RUNTIME = 'NODE|22-lts'

/** A Node server in an App Service app of the free plan: it travels as a zip to the app's deployment service. */
export default {
  kind: 'service',
  pack: (built, { name }, folder) => packZip(built, name, folder, { prefix: '', mostMb: APP_MB }),
  declare(context) {
    const { component, slug, region, artifact } = context
    const { name, main } = component
    const place = declarePlace(name, slug, region)
    const app = declareThere(
      'web:WebApp',
      `${name}-app`,
      place,
      {
        name: slug,
        kind: 'app,linux',
        reserved: true,
        serverFarmId: planOf(context).id,
        httpsOnly: true,
        enabled: true,
        clientAffinityEnabled: false,
        siteConfig: {
          linuxFxVersion: RUNTIME,
          appCommandLine: `node ${main}`,
          // Always on is not of the free plan: it sleeps after twenty minutes without a visitor.
          alwaysOn: false,
          ftpsState: 'Disabled',
          minTlsVersion: '1.2',
          http20Enabled: true,
        },
      },
      ['name', 'defaultHostName'],
    )
    const content = declareByType(
      OWN.appContent,
      `${name}-content`,
      {
        resourceGroupName: place.resourceGroupName,
        appName: app.name,
        host: app.defaultHostName,
        ...fileOf(name, artifact),
        settings: {
          // It has to be reached from outside its container.
          HOST: '0.0.0.0',
          ...settingsOf(context),
          // The zip is run as it is: nothing is built there, and a release takes the other's place in one step.
          SCM_DO_BUILD_DURING_DEPLOYMENT: 'false',
          WEBSITE_RUN_FROM_PACKAGE: '1',
        },
      },
      {},
      ['url'],
    )
    return { url: content.url, app: app.id }
  },
} satisfies ProgramModule<'service'>
