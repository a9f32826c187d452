import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProgramModule } from '../../contract/engine.ts'
import { SITE_MB } from '../sizes.ts'
import { declareStaticSite } from './declare-static-site.ts'
import { packZip } from './pack-zip.ts'
import { settingsOf } from './settings-of.ts'

const PARTS = join(import.meta.dirname, '..', '..', 'parts', 'bootstrap')
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options']

/** Everything goes to the function, whatever its path. */
const ROUTES = {
  platform: { apiRuntime: 'node:22' },
  routes: [{ route: '/*', rewrite: '/api/main' }],
  navigationFallback: { rewrite: '/api/main' },
}
const TRIGGER = {
  scriptFile: '../bootstrap.mjs',
  bindings: [
    { authLevel: 'anonymous', type: 'httpTrigger', direction: 'in', name: 'req', methods: METHODS },
    { type: 'http', direction: 'out', name: 'res' },
  ],
}

/**
 * The managed function that a Static Web App of the free plan brings along: it needs no storage account, which would
 * cost. It travels as a zip beside the app's files.
 */
export default {
  kind: 'function',
  async pack(built, { name, main }, folder) {
    const json = (path: string, value: unknown) => ({ name: path, text: `${JSON.stringify(value)}\n` })
    return packZip(built, name, folder, {
      prefix: 'api/app/',
      mostMb: SITE_MB,
      extra: [
        // The platform wants one, though nobody is shown it.
        { name: 'app/index.html', text: '<!doctype html><title>function</title>\n' },
        json('app/staticwebapp.config.json', ROUTES),
        json('api/host.json', { version: '2.0' }),
        json('api/package.json', { name: 'function', version: '1.0.0', private: true }),
        json('api/main/function.json', TRIGGER),
        json('api/pipi.json', { kind: 'function', main }),
        { name: 'api/bootstrap.mjs', text: await readFile(join(import.meta.dirname, '..', 'bootstrap.mjs'), 'utf8') },
        { name: 'api/answer.mjs', text: await readFile(join(PARTS, 'answer-function.mjs'), 'utf8') },
      ],
    })
  },
  declare: (context) => declareStaticSite(context, settingsOf(context)),
} satisfies ProgramModule<'function'>
