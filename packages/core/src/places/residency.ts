/** Residency: groups of countries in which data may have to stay. */
import type { CountryGroup } from '@skerry/contract/places/placement'

/** [Treaty on European Union, article 52] The member states, since 2020. */
const EU = 'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' ')

/** [EEA Agreement, article 126] The European Union, Iceland, Liechtenstein and Norway. */
const EEA = [...EU, 'IS', 'LI', 'NO']

/** [Regulation (EU) 2016/679, article 45] Countries that the Commission has found adequate may join by name, never by a group. */
const GROUPS: Readonly<Record<CountryGroup, readonly string[]>> = {
  EU,
  EEA,
  /** Germany, Austria and Switzerland. */
  DACH: ['DE', 'AT', 'CH'],
  /** Norden: Denmark, Finland, Iceland, Norway and Sweden. */
  NORDICS: ['DK', 'FI', 'IS', 'NO', 'SE'],
  /** [USMCA, article 1.5] */
  USMCA: ['US', 'CA', 'MX'],
}

/** Whether the country lies within one of these countries and groups. */
export const isWithin = (country: string | undefined, names: readonly string[]): boolean =>
  country !== undefined && names.some((name) => name === country || (isGroup(name) && GROUPS[name].includes(country)))

const isGroup = (name: string): name is CountryGroup => Object.hasOwn(GROUPS, name)
