import { AwsV4Signer } from 'aws4fetch'
import { PipiError } from '../../../catalog/errors.ts'
import type { Authenticate } from '../../contract/watch.ts'

/** Signature Version 4: service and region are those of the host, `<service>.<region>.amazonaws.com` or `.api.aws`. */
const authenticate: Authenticate = ({ credentials }) => {
  const { accessKey, secretKey, token } = credentials
  if (accessKey === undefined || secretKey === undefined)
    throw new PipiError('input.invalid', 'AWS is asked with an access key, and there is none', {
      hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where the platform is started',
    })
  return async ({ method, url, headers, body }) => {
    const [service = '', second = ''] = new URL(url).hostname.split('.')
    const signed = await new AwsV4Signer({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { body }),
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      ...(token === undefined ? {} : { sessionToken: token }),
      service,
      // Services without a region of their own are signed for the first one.
      region: /^[a-z]{2}(-[a-z]+)+-\d$/.test(second) ? second : 'us-east-1',
    }).sign()
    return Object.fromEntries(signed.headers)
  }
}

export default authenticate
