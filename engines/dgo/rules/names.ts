import type { ResourceRule } from '../../contract/engine.ts'
import { amount, takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

/** Domains and what stands around machines: no price, and counts that the platform itself refuses to pass. */
export const names: Record<string, ResourceRule> = {
  'digitalocean:index/domain:Domain': ruleById(
    'digitalocean:index/domain:Domain',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      demand: () => takes(amount('do-dns.domains', 1, 'proven', 'one domain')),
    },
  ),
  'digitalocean:index/dnsRecord:DnsRecord': ruleById('digitalocean:index/dnsRecord:DnsRecord', () => null, {
    demand: () => takes(),
  }),
  'digitalocean:index/firewall:Firewall': ruleById('digitalocean:index/firewall:Firewall', () => null, {
    demand: () => takes(amount('do-firewall-vpc.firewalls', 1, 'proven', 'one firewall')),
  }),
  'digitalocean:index/vpc:Vpc': ruleById('digitalocean:index/vpc:Vpc', () => null, { demand: () => takes() }),
  'digitalocean:index/project:Project': ruleById('digitalocean:index/project:Project', () => null, {
    demand: () => takes(),
  }),
  'digitalocean:index/sshKey:SshKey': ruleById('digitalocean:index/sshKey:SshKey', () => null, {
    demand: () => takes(),
  }),
  'digitalocean:index/tag:Tag': ruleById('digitalocean:index/tag:Tag', (inputs) => textAt(inputs, 'name') ?? null, {
    demand: () => takes(),
  }),
}
