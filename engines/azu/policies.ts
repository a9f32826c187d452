import { ARM_TYPES } from './arm-types.ts'

/** A condition of Azure Policy, as far as these walls need its language. */
export type Condition =
  | { field: string; in: string[] }
  | { field: string; equals: string }
  | { not: Condition }
  | { allOf: Condition[] }
  | { anyOf: Condition[] }

export interface Wall {
  /** Name at the platform, and of the resource here. */
  name: string
  says: string
  /** What is denied. */
  denies: Condition
}

/** SKUs of each type that are free, by the service that gives them. Their field is an alias that Azure Policy knows. */
const SKUS: { arm: string; field: string; by: Record<string, string[]> }[] = [
  {
    arm: 'Microsoft.Web/serverfarms',
    field: 'Microsoft.Web/serverfarms/sku.name',
    by: {
      'azure-app-service-f1': ['F1'],
      'azure-functions-flex': ['FC1'],
      'azure-functions-consumption': ['Y1'],
    },
  },
  {
    arm: 'Microsoft.Web/staticSites',
    field: 'Microsoft.Web/staticSites/sku.name',
    by: { 'azure-static-web-apps': ['Free'] },
  },
  {
    arm: 'Microsoft.Sql/servers/databases',
    field: 'Microsoft.Sql/servers/databases/sku.name',
    // The free offer is serverless with up to four cores; "System" is the database that each server brings along.
    by: { 'azure-sql-free-offer': ['GP_S_Gen5', 'GP_S_Gen5_1', 'GP_S_Gen5_2', 'GP_S_Gen5_4', 'System'] },
  },
  {
    arm: 'Microsoft.Compute/virtualMachines',
    field: 'Microsoft.Compute/virtualMachines/sku.name',
    by: { 'azure-vm-b1s': ['Standard_B1s', 'Standard_B2pts_v2', 'Standard_B2ats_v2'] },
  },
]

/** Three walls from the catalogue's limits by meter: what may be made, in which size, and where. */
export function policiesFor(limits: Readonly<Record<string, number>>, regions: readonly string[]): Wall[] {
  const open = openServices(limits)
  const types = ARM_TYPES.filter((one) => one.services.length === 0 || one.services.some((id) => open.has(id)))
  const sizes = SKUS.filter(({ by }) => Object.keys(by).some((id) => open.has(id))).map(
    ({ arm, field, by }): Condition => ({
      allOf: [
        { field: 'type', equals: arm },
        { not: { field, in: Object.entries(by).flatMap(([id, names]) => (open.has(id) ? names : [])) } },
      ],
    }),
  )
  return [
    {
      name: 'pipi-allowed-types',
      says: 'only what has a free part',
      denies: { not: { field: 'type', in: types.map((one) => one.arm) } },
    },
    { name: 'pipi-free-sizes', says: 'only in a size that is free', denies: { anyOf: sizes } },
    {
      name: 'pipi-allowed-places',
      says: 'only where we look',
      denies: { not: { field: 'location', in: [...regions, 'global'] } },
    },
  ]
}

/** Services of which the account has anything at all. */
function openServices(limits: Readonly<Record<string, number>>): Set<string> {
  return new Set(Object.entries(limits).flatMap(([meter, limit]) => (limit > 0 ? [meter.split('.')[0] ?? ''] : [])))
}
