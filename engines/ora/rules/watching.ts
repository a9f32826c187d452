import type { ResourceRule } from '../../contract/engine.ts'
import { amount, takes } from '../../demand/answer.ts'
import { ruleByName } from './find.ts'

/** A log line of a kilobyte for each request, in GB. */
const GB_PER_REQUEST = 1e-6

export const watching: Record<string, ResourceRule> = {
  'oci:Monitoring/alarm:Alarm': ruleByName('oci:Monitoring/alarm:Alarm', { demand: () => takes() }),
  'oci:Bastion/bastion:Bastion': ruleByName('oci:Bastion/bastion:Bastion', { demand: () => takes() }),
  'oci:Ons/notificationTopic:NotificationTopic': ruleByName('oci:Ons/notificationTopic:NotificationTopic', {
    demand: (_inputs, { expect }) =>
      takes(
        amount(
          'oci-misc.notifications-https',
          expect.requests,
          'watched',
          `${expect.requests} messages expected a month`,
        ),
      ),
  }),
  'oci:CertificatesManagement/certificate:Certificate': ruleByName(
    'oci:CertificatesManagement/certificate:Certificate',
    { stateful: true, demand: () => takes(amount('oci-misc.certificates', 1, 'proven', 'one certificate')) },
  ),
  'oci:Logging/log:Log': ruleByName('oci:Logging/log:Log', {
    demand: (_inputs, { expect }) =>
      takes(
        amount(
          'oci-misc.logging',
          expect.requests * GB_PER_REQUEST,
          'watched',
          `${expect.requests} requests expected a month × 1 kB`,
        ),
      ),
  }),
}
