import type { ProgramModule } from '../../../../../../../engines/contract/engine.ts'
import { declareThings } from '../../../../things.ts'

/** Five resources without an address: what is measured is the way, not the platform. */
const site: ProgramModule<'site'> = {
  kind: 'site',
  pack: async (built) => ({ travels: 'folder', path: built.path, digest: built.digest }),
  declare({ slug, artifact }) {
    declareThings(slug, artifact.travels === 'git' ? artifact.commit : artifact.digest)
    return { url: '' }
  },
}
export default site
