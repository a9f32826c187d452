import { PipiError } from '../../../catalog/errors.ts'
import type { Authenticate } from '../../contract/watch.ts'

/** The engine's own token. */
const authenticate: Authenticate = ({ credentials: { token } }) => {
  if (token === undefined)
    throw new PipiError('input.invalid', 'DigitalOcean is asked with a token, and there is none', {
      hint: 'set DIGITALOCEAN_TOKEN where the platform is started',
    })
  return async () => ({ authorization: `Bearer ${token}` })
}

export default authenticate
