/** SPDX: the licences that a listing may name. The list is short on purpose: each of them permits redistribution. */

/** [spdx.org/licenses, 3.27] */
const KNOWN: ReadonlySet<string> = new Set(
  `0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause
  BSL-1.0 CC-BY-4.0 CC-BY-SA-4.0 CC0-1.0 CDLA-Permissive-2.0 ECL-2.0 EPL-2.0 EUPL-1.2 GPL-2.0-only GPL-2.0-or-later
  GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later MIT MIT-0
  MPL-2.0 MulanPSL-2.0 NCSA ODC-By-1.0 ODbL-1.0 OFL-1.1 PostgreSQL PSF-2.0 Unlicense UPL-1.0 Zlib`.split(/\s+/),
)

/** The ids of an expression that are not known. */
export const unknownLicences = (expression: string): string[] =>
  expression.split(/ (?:AND|OR|WITH) |[()]/).filter((id) => id !== '' && !KNOWN.has(id))
