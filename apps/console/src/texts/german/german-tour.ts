/** German words of the guided tour, and of the choice of the language. */
import type { languageTexts } from '../../pages/settings/display/english-display.ts'
import type { tourTexts } from '../../pages/tour/english-tour.ts'
import type { Translated } from '../translation.ts'

export const germanTour: Translated<typeof tourTexts> = {
  offer: 'Rundgang beginnen',
  offerHint: 'Mit Beispieldaten, die Sie wieder entfernen können.',
  making: 'Die Beispieldaten werden angelegt …',
  failed: 'Die Beispieldaten konnten nicht angelegt werden',
  title: 'Rundgang',
  progress: (step, total) => `Schritt ${step} von ${total}`,
  back: 'Zurück',
  next: 'Weiter',
  leave: 'Rundgang verlassen',
  finish: 'Beenden',
  steps: {
    overview: [
      'Die Übersicht',
      'Hier beginnt der Tag: der Zustand aller Geräte nach Standort, Probleme, die eine Person brauchen, und laufende Rollouts. Der Rundgang hat einen Standort mit dem Namen „sample“ angelegt.',
    ],
    devices: [
      'Ein Gerät führt alles aus',
      'Ein Gerät ist ein kleiner Rechner an einer Maschine, mit dem Agenten von Skerry. Öffnen Sie den Standort „sample“, um diesen Rechner als Gerät aufzunehmen, oder geben Sie den Befehl ein. Sie können auch ohne Gerät weitergehen: Dann läuft nichts, aber alle Seiten sind da.',
    ],
    sources: [
      'Eine Quelle liest eine Maschine',
      '„sample-pump“ ist eine simulierte Pumpe mit Temperatur und Schwingung. Echte Quellen sprechen Modbus, OPC UA, S7 und andere Protokolle. Geräte am Standort „sample“ starten sie von selbst.',
    ],
    model: [
      'Ein Modell ist signiert',
      '„sample-anomaly“ ist ein kleines ONNX-Modell. Der Hub hat es geprüft und signiert, und eine Bereitstellung bringt es auf alle Geräte am Standort „sample“.',
    ],
    flow: [
      'Ein Ablauf entscheidet',
      '„sample-alarm“ liest die Temperatur der Pumpe, gibt über 63 °C Alarm und sendet beides an den Hub. Ein Ablauf hat Versionen und Rollouts wie ein Modell.',
    ],
    end: [
      'Das war der Weg eines Wertes',
      'Nehmen Sie nun Ihre eigene Maschine, Ihr Modell und Ihren Ablauf. Die Beispieldaten bleiben, bis Sie sie hier oder in der Übersicht entfernen.',
    ],
  },
  command: 'Befehl',
  ending: {
    none: 'Am Standort „sample“ gibt es noch kein Gerät, darum fließt kein Wert. Dieser Befehl macht diesen Rechner in einer Minute zu einem solchen Gerät. Melden Sie sich vorher an: skerry login.',
    runs: (device) =>
      `Das Gerät „${device}“ führt alles aus. Zweimal in der Minute ist die Pumpe zu warm: Dann zeigt die Übersicht den Alarm, und Sie können ihn quittieren.`,
    see: 'Seine Werte ansehen',
  },
  sample: {
    title: 'Beispieldaten',
    hint: 'Dieser Hub enthält die Daten des Rundgangs: den Standort „sample“, die Quelle „sample-pump“, das Modell „sample-anomaly“, den Ablauf „sample-alarm“ und ihre Bereitstellungen. Nichts davon erreicht einen anderen Standort.',
    again: 'Rundgang machen',
    remove: 'Beispieldaten entfernen',
    removeLead:
      'Entfernt die zwei Bereitstellungen, das Modell, den Ablauf, die Quelle und den Standort. Ein Gerät an dem Standort hört auf, sie zu bedienen. Das Prüfprotokoll behält seine Einträge.',
    verb: 'Entfernen',
    removed: 'Die Beispieldaten sind entfernt',
    kept: 'Der Standort „sample“ bleibt, weil er Geräte hat. Entfernen Sie zuerst die Geräte, dann den Standort.',
  },
}

export const germanLanguage: Translated<typeof languageTexts> = {
  title: 'Sprache der Konsole',
  label: 'Sprache',
  browser: (name) => `Wie der Browser (${name})`,
  hint: 'Auf Deutsch: Menü, Übersicht mit Warnungen und ersten Schritten, Standorte, Geräte, Quellen, Senken, Bereitstellungen, Prüfprotokoll und Rundgang. Alle anderen Seiten und die Texte des Hubs sind auf Englisch. Zahlen und Zeiten folgen der Sprache. Die Seite wird neu geladen.',
}
