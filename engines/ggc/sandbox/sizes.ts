import type { StoredResource } from '../../../stacks/contract/sandbox.ts'

/** A machine's boot disk where nothing is said. */
const DISK_GB = 10

/** Of a function, or of a Cloud Run service. */
export function sizeOf(fn: StoredResource): { vcpu: number; gib: number } {
  if (fn.type === 'gcp:cloudrunv2/service:Service') return sizeOfService(fn)
  const service = (fn.inputs.serviceConfig ?? {}) as { availableMemory?: string; availableCpu?: string }
  const match = /^(\d+)(M|Mi|G|Gi)$/.exec(service.availableMemory ?? '256M')
  const mib = Number(match?.[1] ?? 256) * (match?.[2]?.startsWith('G') === true ? 1024 : 1)
  const share = mib <= 128 ? 0.083 : mib <= 256 ? 0.167 : mib <= 512 ? 0.333 : mib <= 1024 ? 0.583 : mib <= 2048 ? 1 : 2
  return { vcpu: Number(service.availableCpu ?? share), gib: mib / 1024 }
}

interface Resources {
  resources?: { limits?: { cpu?: string; memory?: string } }
}

/** Containers of one instance together; a whole CPU and 512 MiB where nothing is said. */
function sizeOfService({ inputs }: StoredResource): { vcpu: number; gib: number } {
  const { containers = [] } = (inputs.template ?? {}) as { containers?: Resources[] }
  return containers.reduce(
    (sum, { resources: { limits = {} } = {} }) => {
      const [, number = '512', unit = 'Mi'] = /^([\d.]+)(Mi?|Gi?)$/.exec(limits.memory ?? '') ?? []
      const [, cpu = '1', milli = ''] = /^([\d.]+)(m?)$/.exec(limits.cpu ?? '') ?? []
      return {
        vcpu: sum.vcpu + Number(cpu) / (milli === '' ? 1 : 1000),
        gib: sum.gib + Number(number) / (unit.startsWith('G') ? 1 : 1024),
      }
    },
    { vcpu: 0, gib: 0 },
  )
}

export function sizeOfObject(object: StoredResource): number {
  const source = object.inputs.source as { size?: number } | undefined
  return source?.size ?? String(object.inputs.content ?? '').length
}

export function bucketOf(object: StoredResource, all: StoredResource[]): StoredResource | undefined {
  return all.find((one) => one.type === 'gcp:storage/bucket:Bucket' && one.id === object.inputs.bucket)
}

export function storageClassOf(object: StoredResource, bucket: StoredResource | undefined): string {
  return String(object.inputs.storageClass ?? bucket?.inputs.storageClass ?? 'STANDARD')
}

/** What leaves from elsewhere has no allowance. */
export function isNorthAmerica(fn: StoredResource): boolean {
  return /^(us|northamerica)-/.test(String(fn.outputs.location ?? fn.inputs.location ?? ''))
}

export function diskOf(machine: StoredResource): { gb: number; standard: boolean } {
  const boot = (machine.inputs.bootDisk ?? {}) as { initializeParams?: { size?: number; type?: string } }
  const { size = DISK_GB, type = 'pd-standard' } = boot.initializeParams ?? {}
  return { gb: size, standard: type === 'pd-standard' }
}

export function hasAddress(machine: StoredResource): boolean {
  const interfaces = machine.inputs.networkInterfaces
  return (
    Array.isArray(interfaces) &&
    interfaces.some((one: { accessConfigs?: unknown[] }) => (one.accessConfigs ?? []).length > 0)
  )
}
