import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProgramModule } from '../../contract/engine.ts'
import { SITE_MB } from '../sizes.ts'
import { declareStaticSite } from './declare-static-site.ts'
import { packZip } from './pack-zip.ts'

/** Static files, in a Static Web App of the free plan: they travel as a zip to its content service. */
export default {
  kind: 'site',
  pack(built, { name }, folder) {
    const lost = existsSync(join(built.path, '404.html'))
    const settings = lost ? { responseOverrides: { 404: { rewrite: '/404.html' } } } : {}
    return packZip(built, name, folder, {
      prefix: 'app/',
      mostMb: SITE_MB,
      extra: [{ name: 'app/staticwebapp.config.json', text: `${JSON.stringify(settings)}\n` }],
    })
  },
  declare: (context) => declareStaticSite(context),
} satisfies ProgramModule<'site'>
