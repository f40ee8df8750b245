/** Shares and figures as people read them; a dash if there is none. */
import { language } from '../../texts/language.ts'

const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
const figure = new Intl.NumberFormat(language, { maximumSignificantDigits: 4 })

export const shareText = (share: number | null | undefined): string =>
  share === null || share === undefined ? '–' : percent.format(share)

export const figureText = (value: number | undefined): string => (value === undefined ? '–' : figure.format(value))
