<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
 <context>
  <name>Annotating</name>
  <message>
   <source>Annotations are kept in the record: wait for the end of the run.</source>
   <translation>Beschriftungen stehen in der Aufzeichnung: das Ende des Laufs abwarten.</translation>
  </message>
  <message>
   <source>This picture is in no record.</source>
   <translation>Dieses Bild ist in keiner Aufzeichnung.</translation>
  </message>
 </context>
 <context>
  <name>BatchDialog</name>
  <message>
   <source>Export all figures</source>
   <translation>Alle Abbildungen ausgeben</translation>
  </message>
  <message>
   <source>Counting…</source>
   <translation>Wird gezählt…</translation>
  </message>
  <message>
   <source>What will be written</source>
   <translation>Was geschrieben wird</translation>
  </message>
  <message>
   <source>Figures: {0}, of records: {1}</source>
   <translation>Abbildungen: {0}, aus Aufzeichnungen: {1}</translation>
  </message>
  <message>
   <source>{0} of the files exist already.</source>
   <translation>{0} der Dateien gibt es schon.</translation>
  </message>
  <message>
   <source>{0} of the files exist. Replace them?</source>
   <translation>{0} der Dateien gibt es schon. Ersetzen?</translation>
  </message>
  <message>
   <source>Replace</source>
   <translation>Ersetzen</translation>
  </message>
  <message>
   <source>Keep those, write the others</source>
   <translation>Diese behalten, die anderen schreiben</translation>
  </message>
  <message>
   <source>&amp;For</source>
   <translation>&amp;Für</translation>
  </message>
  <message>
   <source>For&amp;mat</source>
   <translation>For&amp;mat</translation>
  </message>
  <message>
   <source>F&amp;older</source>
   <translation>&amp;Ordner</translation>
  </message>
  <message>
   <source>&amp;Names</source>
   <translation>&amp;Namen</translation>
  </message>
 </context>
 <context>
  <name>Card</name>
  <message>
   <source>Known: {0}</source>
   <translation>Bekannt: {0}</translation>
  </message>
  <message>
   <source>Run</source>
   <translation>Rechnen</translation>
  </message>
  <message>
   <source>Run {0}</source>
   <translation>{0} rechnen</translation>
  </message>
  <message>
   <source>Load data and settings, and run</source>
   <translation>Daten und Einstellungen laden und rechnen</translation>
  </message>
  <message>
   <source>Set up</source>
   <translation>Einrichten</translation>
  </message>
  <message>
   <source>Set up {0}</source>
   <translation>{0} einrichten</translation>
  </message>
  <message>
   <source>Load data and settings, and do not run yet</source>
   <translation>Daten und Einstellungen laden, noch nicht rechnen</translation>
  </message>
 </context>
 <context>
  <name>CellEditor</name>
  <message>
   <source>words, with, commas</source>
   <translation>Wörter, mit, Kommas</translation>
  </message>
 </context>
 <context>
  <name>ColourRange</name>
  <message>
   <source>Viridis</source>
   <translation>Viridis</translation>
  </message>
  <message>
   <source>Magma</source>
   <translation>Magma</translation>
  </message>
  <message>
   <source>Cividis</source>
   <translation>Cividis</translation>
  </message>
  <message>
   <source>Grey</source>
   <translation>Grau</translation>
  </message>
  <message>
   <source>Blue to red (diverging)</source>
   <translation>Blau nach Rot (zweiseitig)</translation>
  </message>
  <message>
   <source>&amp;Logarithmic</source>
   <translation>&amp;Logarithmisch</translation>
  </message>
  <message>
   <source>The minimum must be below the maximum.</source>
   <translation>Das Minimum muss unter dem Maximum liegen.</translation>
  </message>
  <message>
   <source>1–99 %</source>
   <translation>1–99 %</translation>
  </message>
  <message>
   <source>Leave out the smallest and the largest hundredth of values</source>
   <translation>Das kleinste und das größte Hundertstel der Werte auslassen</translation>
  </message>
  <message>
   <source>Range from 1 to 99 per cent of the values</source>
   <translation>Bereich von 1 bis 99 Prozent der Werte</translation>
  </message>
  <message>
   <source>&amp;Automatic</source>
   <translation>&amp;Automatisch</translation>
  </message>
  <message>
   <source>The colours and the range that the figure asks for</source>
   <translation>Die Farben und der Bereich, die zur Abbildung gehören</translation>
  </message>
  <message>
   <source>&amp;Panel</source>
   <translation>&amp;Feld</translation>
  </message>
  <message>
   <source>&amp;Colours</source>
   <translation>Far&amp;ben</translation>
  </message>
  <message>
   <source>Ma&amp;ximum</source>
   <translation>Ma&amp;ximum</translation>
  </message>
  <message>
   <source>Mi&amp;nimum</source>
   <translation>Mi&amp;nimum</translation>
  </message>
  <message>
   <source>Panel {}</source>
   <translation>Feld {}</translation>
  </message>
  <message>
   <source>A logarithmic range must be positive.</source>
   <translation>Ein logarithmischer Bereich muss positiv sein.</translation>
  </message>
 </context>
 <context>
  <name>CommandPalette</name>
  <message>
   <source>Type a command</source>
   <translation>Befehl eingeben</translation>
  </message>
  <message>
   <source>Command</source>
   <translation>Befehl</translation>
  </message>
  <message>
   <source>Matching commands</source>
   <translation>Passende Befehle</translation>
  </message>
 </context>
 <context>
  <name>Commands</name>
  <message>
   <source>&amp;File</source>
   <translation>&amp;Datei</translation>
  </message>
  <message>
   <source>&amp;Open…</source>
   <translation>Ö&amp;ffnen…</translation>
  </message>
  <message>
   <source>Open data files or records</source>
   <translation>Dateien mit Daten oder Aufzeichnungen öffnen</translation>
  </message>
  <message>
   <source>Open &amp;folder of pictures…</source>
   <translation>Ordner &amp;mit Bildern öffnen…</translation>
  </message>
  <message>
   <source>Open equally large pictures in one folder as a stack</source>
   <translation>Gleich große Bilder eines Ordners als Stapel öffnen</translation>
  </message>
  <message>
   <source>&amp;Start page</source>
   <translation>&amp;Startseite</translation>
  </message>
  <message>
   <source>Examples of every family</source>
   <translation>Beispiele aus jeder Familie</translation>
  </message>
  <message>
   <source>&amp;New window</source>
   <translation>&amp;Neues Fenster</translation>
  </message>
  <message>
   <source>Open another window on the same records</source>
   <translation>Ein weiteres Fenster mit denselben Aufzeichnungen öffnen</translation>
  </message>
  <message>
   <source>Open &amp;workspace…</source>
   <translation>&amp;Arbeitsbereich öffnen…</translation>
  </message>
  <message>
   <source>Use another folder of records</source>
   <translation>Einen anderen Ordner mit Aufzeichnungen benutzen</translation>
  </message>
  <message>
   <source>&amp;Recent workspaces</source>
   <translation>&amp;Zuletzt benutzte Arbeitsbereiche</translation>
  </message>
  <message>
   <source>&amp;Clear the list</source>
   <translation>&amp;Liste leeren</translation>
  </message>
  <message>
   <source>S&amp;how records folder</source>
   <translation>&amp;Ordner der Aufzeichnungen zeigen</translation>
  </message>
  <message>
   <source>&amp;Quit</source>
   <translation>&amp;Beenden</translation>
  </message>
  <message>
   <source>&amp;Edit</source>
   <translation>&amp;Bearbeiten</translation>
  </message>
  <message>
   <source>&amp;Undo</source>
   <translation>&amp;Rückgängig</translation>
  </message>
  <message>
   <source>Take back the last change of a parameter, of data or of an annotation</source>
   <translation>Die letzte Änderung eines Parameters, der Daten oder einer Beschriftung zurücknehmen</translation>
  </message>
  <message>
   <source>&amp;Redo</source>
   <translation>&amp;Wiederholen</translation>
  </message>
  <message>
   <source>&amp;Paste data</source>
   <translation>Daten &amp;einfügen</translation>
  </message>
  <message>
   <source>Open the table, picture or files on the clipboard</source>
   <translation>Tabelle, Bild oder Dateien der Zwischenablage öffnen</translation>
  </message>
  <message>
   <source>Save session as s&amp;cript…</source>
   <translation>Sitzung als S&amp;kript speichern…</translation>
  </message>
  <message>
   <source>Write what was run and exported in this window as a Python script</source>
   <translation>Als Python-Skript schreiben, was in diesem Fenster gerechnet und ausgegeben wurde</translation>
  </message>
  <message>
   <source>&amp;Settings…</source>
   <translation>Ein&amp;stellungen…</translation>
  </message>
  <message>
   <source>Theme, language, and what runs and exports begin with</source>
   <translation>Farbschema, Sprache, und womit Läufe und Ausgaben beginnen</translation>
  </message>
  <message>
   <source>&amp;View</source>
   <translation>&amp;Ansicht</translation>
  </message>
  <message>
   <source>Theme of the &amp;system</source>
   <translation>Farbschema des &amp;Systems</translation>
  </message>
  <message>
   <source>&amp;Light theme</source>
   <translation>&amp;Helles Farbschema</translation>
  </message>
  <message>
   <source>&amp;Dark theme</source>
   <translation>&amp;Dunkles Farbschema</translation>
  </message>
  <message>
   <source>&amp;Full screen</source>
   <translation>&amp;Vollbild</translation>
  </message>
  <message>
   <source>&amp;Presenter mode</source>
   <translation>Vor&amp;trag</translation>
  </message>
  <message>
   <source>The pictures alone, large; arrow keys step through them, Escape ends it</source>
   <translation>Nur die Bilder, groß; Pfeiltasten blättern, Escape beendet</translation>
  </message>
  <message>
   <source>S&amp;cenes…</source>
   <translation>Sz&amp;enen…</translation>
  </message>
  <message>
   <source>Order, names and words of the scenes that presenter mode steps through</source>
   <translation>Reihenfolge, Namen und Wörter der Szenen, durch die der Vortrag blättert</translation>
  </message>
  <message>
   <source>&amp;Layouts</source>
   <translation>&amp;Anordnungen</translation>
  </message>
  <message>
   <source>&amp;Save layout as…</source>
   <translation>Anordnung &amp;speichern unter…</translation>
  </message>
  <message>
   <source>Keep the places of the panes under a name</source>
   <translation>Die Plätze der Bereiche unter einem Namen behalten</translation>
  </message>
  <message>
   <source>&amp;Delete layout…</source>
   <translation>Anordnung &amp;löschen…</translation>
  </message>
  <message>
   <source>&amp;Reset layout</source>
   <translation>Anordnung &amp;zurücksetzen</translation>
  </message>
  <message>
   <source>Put every pane back where it was at first</source>
   <translation>Jeden Bereich an seinen ersten Platz stellen</translation>
  </message>
  <message>
   <source>&amp;Run</source>
   <translation>&amp;Rechnen</translation>
  </message>
  <message>
   <source>Run the method with these settings</source>
   <translation>Das Verfahren mit diesen Einstellungen rechnen</translation>
  </message>
  <message>
   <source>&amp;Pause</source>
   <translation>&amp;Pause</translation>
  </message>
  <message>
   <source>Hold the run after its present step, or let it go on</source>
   <translation>Den Lauf nach seinem Schritt anhalten oder weiterlaufen lassen</translation>
  </message>
  <message>
   <source>&amp;Stop</source>
   <translation>&amp;Anhalten</translation>
  </message>
  <message>
   <source>End the run; what it found so far is kept</source>
   <translation>Den Lauf beenden; was er bisher fand, bleibt erhalten</translation>
  </message>
  <message>
   <source>Run over several &amp;values…</source>
   <translation>Reihe von &amp;Werten rechnen…</translation>
  </message>
  <message>
   <source>Run for several values of parameters and for several seeds</source>
   <translation>Für mehrere Werte der Parameter und mehrere Startwerte rechnen</translation>
  </message>
  <message>
   <source>&amp;Results</source>
   <translation>&amp;Ergebnisse</translation>
  </message>
  <message>
   <source>&amp;Compare</source>
   <translation>&amp;Vergleichen</translation>
  </message>
  <message>
   <source>Set the selected records side by side</source>
   <translation>Die gewählten Aufzeichnungen nebeneinander stellen</translation>
  </message>
  <message>
   <source>Compare &amp;with what is shown</source>
   <translation>&amp;Mit dem Gezeigten vergleichen</translation>
  </message>
  <message>
   <source>Set the selected records beside the run or comparison on show, as a drop does</source>
   <translation>Die gewählten Aufzeichnungen neben den gezeigten Lauf oder Vergleich stellen, wie beim Ablegen</translation>
  </message>
  <message>
   <source>Chec&amp;k against a peer…</source>
   <translation>Mit anderer Bibliothek &amp;prüfen…</translation>
  </message>
  <message>
   <source>Have another library solve the problem of the record, and see what differs</source>
   <translation>Eine andere Bibliothek löst die Aufgabe der Aufzeichnung; es zeigt sich, was abweicht</translation>
  </message>
  <message>
   <source>Res&amp;ume</source>
   <translation>W&amp;iederaufnehmen</translation>
  </message>
  <message>
   <source>Go on with a run that was stopped or interrupted, from its last checkpoint</source>
   <translation>Einen angehaltenen oder unterbrochenen Lauf ab seinem letzten Haltepunkt weiterrechnen</translation>
  </message>
  <message>
   <source>Re&amp;load the list</source>
   <translation>Liste neu &amp;lesen</translation>
  </message>
  <message>
   <source>&amp;Delete</source>
   <translation>L&amp;öschen</translation>
  </message>
  <message>
   <source>Move the chosen records to the bin</source>
   <translation>Die gewählten Aufzeichnungen in den Papierkorb legen</translation>
  </message>
  <message>
   <source>Re&amp;port…</source>
   <translation>&amp;Bericht…</translation>
  </message>
  <message>
   <source>Write the selected records as one HTML page, PDF or slides</source>
   <translation>Die gewählten Aufzeichnungen als HTML-Seite, PDF oder Folien schreiben</translation>
  </message>
  <message>
   <source>Export all &amp;figures…</source>
   <translation>Alle Abbildun&amp;gen ausgeben…</translation>
  </message>
  <message>
   <source>Put every figure of the selected records on paper</source>
   <translation>Jede Abbildung der gewählten Aufzeichnungen zu Papier bringen</translation>
  </message>
  <message>
   <source>Copy as P&amp;ython</source>
   <translation>Als P&amp;ython kopieren</translation>
  </message>
  <message>
   <source>Copy a script that repeats the run</source>
   <translation>Ein Skript kopieren, das den Lauf wiederholt</translation>
  </message>
  <message>
   <source>Save as &amp;script or notebook…</source>
   <translation>Als &amp;Skript oder Notebook speichern…</translation>
  </message>
  <message>
   <source>Write a script or Jupyter notebook that repeats the run</source>
   <translation>Ein Skript oder Jupyter-Notebook schreiben, das den Lauf wiederholt</translation>
  </message>
  <message>
   <source>&amp;Figure</source>
   <translation>Abbild&amp;ung</translation>
  </message>
  <message>
   <source>&amp;Export…</source>
   <translation>&amp;Ausgeben…</translation>
  </message>
  <message>
   <source>Put the figure on show on paper</source>
   <translation>Die gezeigte Abbildung zu Papier bringen</translation>
  </message>
  <message>
   <source>&amp;Copy picture</source>
   <translation>Bild &amp;kopieren</translation>
  </message>
  <message>
   <source>&amp;Add scene</source>
   <translation>&amp;Szene hinzufügen</translation>
  </message>
  <message>
   <source>Keep figure, frame and view as a scene for presenter mode</source>
   <translation>Abbildung, Einzelbild und Ansicht als Szene für den Vortrag behalten</translation>
  </message>
  <message>
   <source>Rep&amp;lay…</source>
   <translation>Abspi&amp;elen…</translation>
  </message>
  <message>
   <source>Play the run on show on a clock: its curves grow and its movie goes on</source>
   <translation>Den gezeigten Lauf nach der Uhr abspielen: seine Kurven wachsen, sein Film läuft</translation>
  </message>
  <message>
   <source>Copy &amp;BibTeX</source>
   <translation>&amp;BibTeX kopieren</translation>
  </message>
  <message>
   <source>Copy the papers that the method follows, for LaTeX</source>
   <translation>Die Arbeiten zum Verfahren für LaTeX kopieren</translation>
  </message>
  <message>
   <source>&amp;Help</source>
   <translation>&amp;Hilfe</translation>
  </message>
  <message>
   <source>&amp;Gallery of examples</source>
   <translation>&amp;Galerie der Beispiele</translation>
  </message>
  <message>
   <source>Every example of every method as a picture card, to search and to run</source>
   <translation>Jedes Beispiel jedes Verfahrens als Bildkarte, zum Suchen und Rechnen</translation>
  </message>
  <message>
   <source>Guided &amp;tour</source>
   <translation>&amp;Rundgang</translation>
  </message>
  <message>
   <source>Seven stops: from data to a figure on paper</source>
   <translation>Sieben Stationen: von Daten bis zur Abbildung auf Papier</translation>
  </message>
  <message>
   <source>Command &amp;palette…</source>
   <translation>Befehls&amp;palette…</translation>
  </message>
  <message>
   <source>&amp;Manual</source>
   <translation>&amp;Handbuch</translation>
  </message>
  <message>
   <source>The page about what has the focus</source>
   <translation>Die Seite zu dem, was den Fokus hat</translation>
  </message>
  <message>
   <source>&amp;Shortcuts…</source>
   <translation>&amp;Tastenkürzel…</translation>
  </message>
  <message>
   <source>See and change the keys of every command</source>
   <translation>Die Tasten jedes Befehls sehen und ändern</translation>
  </message>
  <message>
   <source>&amp;About</source>
   <translation>&amp;Über</translation>
  </message>
  <message>
   <source>&amp;Tools</source>
   <translation>&amp;Werkzeuge</translation>
  </message>
  <message>
   <source>&amp;Region with statistics</source>
   <translation>&amp;Bereich mit Statistik</translation>
  </message>
  <message>
   <source>Line &amp;profile</source>
   <translation>Linien&amp;profil</translation>
  </message>
  <message>
   <source>R&amp;uler</source>
   <translation>&amp;Lineal</translation>
  </message>
  <message>
   <source>&amp;Annotate</source>
   <translation>Be&amp;schriften</translation>
  </message>
  <message>
   <source>Pre&amp;vious view</source>
   <translation>&amp;Vorige Ansicht</translation>
  </message>
  <message>
   <source>What was zoomed to before</source>
   <translation>Was vorher vergrößert war</translation>
  </message>
  <message>
   <source>Ne&amp;xt view</source>
   <translation>&amp;Nächste Ansicht</translation>
  </message>
 </context>
 <context>
  <name>ComparisonPage</name>
  <message>
   <source>Parts of the comparison</source>
   <translation>Teile des Vergleichs</translation>
  </message>
  <message>
   <source>What differs</source>
   <translation>Was sich unterscheidet</translation>
  </message>
  <message>
   <source>Comparison</source>
   <translation>Vergleich</translation>
  </message>
  <message>
   <source>Differences from</source>
   <translation>Unterschiede zu</translation>
  </message>
  <message>
   <source>The run that is subtracted from the others</source>
   <translation>Der Lauf, der von den anderen abgezogen wird</translation>
  </message>
  <message>
   <source>Export…</source>
   <translation>Ausgeben…</translation>
  </message>
  <message>
   <source>The table as CSV, or the figure on paper</source>
   <translation>Die Tabelle als CSV oder die Abbildung auf Papier</translation>
  </message>
  <message>
   <source>Close the comparison</source>
   <translation>Vergleich schließen</translation>
  </message>
  <message>
   <source>Back to the pictures of the run</source>
   <translation>Zurück zu den Bildern des Laufs</translation>
  </message>
  <message>
   <source>Table</source>
   <translation>Tabelle</translation>
  </message>
  <message>
   <source>Over seeds</source>
   <translation>Über Startwerte</translation>
  </message>
  <message>
   <source>Parallel</source>
   <translation>Parallel</translation>
  </message>
  <message>
   <source>Runs compared</source>
   <translation>Verglichene Läufe</translation>
  </message>
  <message>
   <source>Reading the records…</source>
   <translation>Die Aufzeichnungen werden gelesen…</translation>
  </message>
  <message>
   <source>Settings that differ</source>
   <translation>Einstellungen, die sich unterscheiden</translation>
  </message>
  <message>
   <source>All settings are equal.</source>
   <translation>Alle Einstellungen sind gleich.</translation>
  </message>
  <message>
   <source>Results</source>
   <translation>Ergebnisse</translation>
  </message>
 </context>
 <context>
  <name>Data</name>
  <message>
   <source>image</source>
   <translation>Bild</translation>
  </message>
  <message>
   <source>stack</source>
   <translation>Stapel</translation>
  </message>
  <message>
   <source>table</source>
   <translation>Tabelle</translation>
  </message>
  <message>
   <source>points</source>
   <translation>Punkte</translation>
  </message>
  <message>
   <source>signal</source>
   <translation>Signal</translation>
  </message>
  <message>
   <source>array</source>
   <translation>Zahlenfeld</translation>
  </message>
 </context>
 <context>
  <name>DataFacts</name>
  <message>
   <source>Thumbnail</source>
   <translation>Vorschaubild</translation>
  </message>
  <message>
   <source>Histogram</source>
   <translation>Histogramm</translation>
  </message>
  <message>
   <source>How often values occur, from the least to the greatest</source>
   <translation>Wie oft Werte vorkommen, vom kleinsten zum größten</translation>
  </message>
  <message>
   <source>shape</source>
   <translation>Form</translation>
  </message>
  <message>
   <source>axes</source>
   <translation>Achsen</translation>
  </message>
  <message>
   <source>type</source>
   <translation>Typ</translation>
  </message>
  <message>
   <source>range</source>
   <translation>Bereich</translation>
  </message>
  <message>
   <source>missing</source>
   <translation>fehlend</translation>
  </message>
  <message>
   <source>note</source>
   <translation>Hinweis</translation>
  </message>
 </context>
 <context>
  <name>DataPane</name>
  <message>
   <source>Data sets</source>
   <translation>Daten</translation>
  </message>
  <message>
   <source>Opened</source>
   <translation>Geöffnet</translation>
  </message>
  <message>
   <source>Built-in samples</source>
   <translation>Mitgelieferte Beispiele</translation>
  </message>
  <message>
   <source>Import options…</source>
   <translation>Import einstellen…</translation>
  </message>
  <message>
   <source>Delimiter, decimal mark, header, columns and their use</source>
   <translation>Trennzeichen, Dezimalzeichen, Kopfzeile, Spalten und ihr Gebrauch</translation>
  </message>
  <message>
   <source>Steps…</source>
   <translation>Schritte…</translation>
  </message>
  <message>
   <source>Draw rows, standardise or crop; a run records each step</source>
   <translation>Zeilen ziehen, standardisieren oder zuschneiden; ein Lauf zeichnet jeden Schritt auf</translation>
  </message>
  <message>
   <source>Drop files on the window, or</source>
   <translation>Dateien ins Fenster ziehen, oder</translation>
  </message>
  <message>
   <source>Open…</source>
   <translation>Öffnen…</translation>
  </message>
  <message>
   <source>Open data files (Ctrl+O)</source>
   <translation>Dateien mit Daten öffnen (Strg+O)</translation>
  </message>
  <message>
   <source>and {0} more</source>
   <translation>und {0} weitere</translation>
  </message>
 </context>
 <context>
  <name>Demos</name>
  <message>
   <source>{0} is set up; press Run.</source>
   <translation>{0} ist eingerichtet; Rechnen drücken.</translation>
  </message>
 </context>
 <context>
  <name>Doubts</name>
  <message>
   <source>What may not be readable</source>
   <translation>Was unlesbar sein könnte</translation>
  </message>
  <message>
   <source>Letters of {0:.2g} pt; journals ask for 5 pt or more.</source>
   <translation>Schrift von {0:.2g} pt; Zeitschriften verlangen 5 pt oder mehr.</translation>
  </message>
  <message>
   <source>Letters of {0:.2g} pixels are hard to read; raise the resolution.</source>
   <translation>Schrift von {0:.2g} Pixeln ist schwer zu lesen; die Auflösung erhöhen.</translation>
  </message>
  <message>
   <source>Lines of {0:.2g} pixels look faint; raise the resolution.</source>
   <translation>Linien von {0:.2g} Pixeln wirken blass; die Auflösung erhöhen.</translation>
  </message>
  <message>
   <source>Dots of {0:.2g} pt may not be seen; make the page wider.</source>
   <translation>Punkte von {0:.2g} pt sind vielleicht nicht zu sehen; die Seite verbreitern.</translation>
  </message>
  <message>
   <source>“{1}” and “{2}” look alike, at least to colour-blind readers.</source>
   <translation>„{1}“ und „{2}“ sehen gleich aus, wenigstens für Farbenblinde.</translation>
  </message>
 </context>
 <context>
  <name>Drawing</name>
  <message>
   <source>Export</source>
   <translation>Ausgabe</translation>
  </message>
  <message>
   <source>Drawing starts…</source>
   <translation>Zeichnen beginnt…</translation>
  </message>
  <message>
   <source>{0} of {1} pictures</source>
   <translation>{0} von {1} Bildern</translation>
  </message>
 </context>
 <context>
  <name>ExportDialog</name>
  <message>
   <source>Column, 85 mm</source>
   <translation>Spalte, 85 mm</translation>
  </message>
  <message>
   <source>One and a half columns, 114 mm</source>
   <translation>Eineinhalb Spalten, 114 mm</translation>
  </message>
  <message>
   <source>Double column, 174 mm</source>
   <translation>Doppelspalte, 174 mm</translation>
  </message>
  <message>
   <source>Slide 16:9, 339 × 190 mm</source>
   <translation>Folie 16:9, 339 × 190 mm</translation>
  </message>
  <message>
   <source>Poster, 400 mm</source>
   <translation>Poster, 400 mm</translation>
  </message>
  <message>
   <source>Web, 1600 pixels</source>
   <translation>Web, 1600 Pixel</translation>
  </message>
  <message>
   <source>Own size</source>
   <translation>Eigene Größe</translation>
  </message>
  <message>
   <source>Export figure</source>
   <translation>Abbildung ausgeben</translation>
  </message>
  <message>
   <source>as the figure needs</source>
   <translation>wie die Abbildung braucht</translation>
  </message>
  <message>
   <source>True size</source>
   <translation>Wahre Größe</translation>
  </message>
  <message>
   <source>Drawing…</source>
   <translation>Wird gezeichnet…</translation>
  </message>
  <message>
   <source>Preview of the page</source>
   <translation>Vorschau der Seite</translation>
  </message>
  <message>
   <source>&amp;Caption as a text file beside it</source>
   <translation>&amp;Bildunterschrift als Textdatei daneben</translation>
  </message>
  <message>
   <source>N&amp;umbers as CSV beside it</source>
   <translation>&amp;Zahlen als CSV daneben</translation>
  </message>
  <message>
   <source>Copy c&amp;aption</source>
   <translation>Bildunterschrift &amp;kopieren</translation>
  </message>
  <message>
   <source>A&amp;nnotations</source>
   <translation>Besch&amp;riftungen</translation>
  </message>
  <message>
   <source>What was added to the figure with Annotate</source>
   <translation>Was mit Beschriften zur Abbildung kam</translation>
  </message>
  <message>
   <source>PNG frames</source>
   <translation>PNG-Einzelbilder</translation>
  </message>
  <message>
   <source>Movie, {0}</source>
   <translation>Film, {0}</translation>
  </message>
  <message>
   <source> pictures a second</source>
   <translation> Bilder je Sekunde</translation>
  </message>
  <message>
   <source>all frames</source>
   <translation>alle Bilder</translation>
  </message>
  <message>
   <source>one frame in </source>
   <translation>ein Bild von </translation>
  </message>
  <message>
   <source>{0} exists. Replace it?</source>
   <translation>{0} gibt es schon. Ersetzen?</translation>
  </message>
  <message>
   <source>Replace</source>
   <translation>Ersetzen</translation>
  </message>
  <message>
   <source>&amp;For</source>
   <translation>&amp;Für</translation>
  </message>
  <message>
   <source>&amp;Width</source>
   <translation>B&amp;reite</translation>
  </message>
  <message>
   <source>&amp;Height</source>
   <translation>&amp;Höhe</translation>
  </message>
  <message>
   <source>&amp;Resolution</source>
   <translation>&amp;Auflösung</translation>
  </message>
  <message>
   <source>For&amp;mat</source>
   <translation>For&amp;mat</translation>
  </message>
  <message>
   <source>&amp;Pace</source>
   <translation>Tem&amp;po</translation>
  </message>
  <message>
   <source>F&amp;ile</source>
   <translation>&amp;Datei</translation>
  </message>
  <message>
   <source>The numbers behind the figure, one table for each mark.</source>
   <translation>Die Zahlen hinter der Abbildung, eine Tabelle je Element.</translation>
  </message>
  <message>
   <source>{0:.1f} × {1:.1f} mm</source>
   <translation>{0:.1f} × {1:.1f} mm</translation>
  </message>
  <message>
   <source>text {0:.3g} pt, exponents {1:.2g} pt</source>
   <translation>Schrift {0:.3g} pt, Hochzahlen {1:.2g} pt</translation>
  </message>
  <message>
   <source>{0:.0f} × {1:.0f} px</source>
   <translation>{0:.0f} × {1:.0f} px</translation>
  </message>
  <message>
   <source>fonts embedded</source>
   <translation>Schriften eingebettet</translation>
  </message>
  <message>
   <source>text as text</source>
   <translation>Text bleibt Text</translation>
  </message>
  <message>
   <source>{0} pictures, {1:.3g} s</source>
   <translation>{0} Bilder, {1:.3g} s</translation>
  </message>
 </context>
 <context>
  <name>Exports</name>
  <message>
   <source>Exported to {1}; figures: {0}</source>
   <translation>{0} Abbildung(en) ausgegeben nach {1}</translation>
  </message>
  <message>
   <source>Show folder</source>
   <translation>Ordner zeigen</translation>
  </message>
  <message>
   <source>Copied</source>
   <translation>Kopiert</translation>
  </message>
  <message>
   <source>Save table</source>
   <translation>Tabelle speichern</translation>
  </message>
 </context>
 <context>
  <name>Fields</name>
  <message>
   <source>Advanced ({0} changed)</source>
   <translation>Für Erfahrene ({0} geändert)</translation>
  </message>
  <message>
   <source>Advanced</source>
   <translation>Für Erfahrene</translation>
  </message>
  <message>
   <source>unfolded</source>
   <translation>aufgeklappt</translation>
  </message>
  <message>
   <source>folded</source>
   <translation>zugeklappt</translation>
  </message>
 </context>
 <context>
  <name>FigureView</name>
  <message>
   <source>Reset view</source>
   <translation>Alles zeigen</translation>
  </message>
  <message>
   <source>Show all data (Home)</source>
   <translation>Alle Daten zeigen (Pos1)</translation>
  </message>
  <message>
   <source>Link axes</source>
   <translation>Achsen koppeln</translation>
  </message>
  <message>
   <source>Move and zoom panels with equal axes together</source>
   <translation>Felder mit gleichen Achsen gemeinsam bewegen und vergrößern</translation>
  </message>
  <message>
   <source>Axes</source>
   <translation>Achsen</translation>
  </message>
  <message>
   <source>Logarithmic axes and crosshair</source>
   <translation>Logarithmische Achsen und Fadenkreuz</translation>
  </message>
  <message>
   <source>Colours</source>
   <translation>Farben</translation>
  </message>
  <message>
   <source>Colour map and range</source>
   <translation>Farbtafel und Bereich</translation>
  </message>
  <message>
   <source>Plot: {}</source>
   <translation>Bild: {}</translation>
  </message>
  <message>
   <source>Panel {}</source>
   <translation>Feld {}</translation>
  </message>
  <message>
   <source>Colours…</source>
   <translation>Farben…</translation>
  </message>
  <message>
   <source>Remove what was drawn</source>
   <translation>Gezeichnetes entfernen</translation>
  </message>
  <message>
   <source>Logarithmic {}</source>
   <translation>{} logarithmisch</translation>
  </message>
  <message>
   <source>Crosshair</source>
   <translation>Fadenkreuz</translation>
  </message>
 </context>
 <context>
  <name>Form</name>
  <message>
   <source>auto</source>
   <translation>auto</translation>
  </message>
  <message>
   <source>in {0}</source>
   <translation>in {0}</translation>
  </message>
  <message>
   <source>default {0}</source>
   <translation>Vorgabe {0}</translation>
  </message>
  <message>
   <source>change settings</source>
   <translation>Einstellungen ändern</translation>
  </message>
  <message>
   <source>change {0}</source>
   <translation>{0} ändern</translation>
  </message>
 </context>
 <context>
  <name>GalleryPage</name>
  <message>
   <source>Gallery</source>
   <translation>Galerie</translation>
  </message>
  <message>
   <source>Search titles, stories, methods, authors</source>
   <translation>Titel, Beschreibungen, Verfahren, Autoren suchen</translation>
  </message>
  <message>
   <source>Search the examples</source>
   <translation>Beispiele suchen</translation>
  </message>
  <message>
   <source>All families</source>
   <translation>Alle Familien</translation>
  </message>
  <message>
   <source>Family</source>
   <translation>Familie</translation>
  </message>
  <message>
   <source>All kinds of data</source>
   <translation>Alle Arten von Daten</translation>
  </message>
  <message>
   <source>Kind of data</source>
   <translation>Art der Daten</translation>
  </message>
  <message>
   <source>All papers</source>
   <translation>Alle Arbeiten</translation>
  </message>
  <message>
   <source>Paper</source>
   <translation>Arbeit</translation>
  </message>
  <message>
   <source>Known answer</source>
   <translation>Bekannte Antwort</translation>
  </message>
  <message>
   <source>Only examples whose answer is known: after the run you are told whether</source>
   <translation>Nur Beispiele mit bekannter Antwort: nach dem Lauf wird gesagt, ob</translation>
  </message>
  <message>
   <source>No example fits.</source>
   <translation>Kein Beispiel passt.</translation>
  </message>
  <message>
   <source>Show all examples</source>
   <translation>Alle Beispiele zeigen</translation>
  </message>
  <message>
   <source>Examples</source>
   <translation>Beispiele</translation>
  </message>
  <message>
   <source>{0} examples</source>
   <translation>{0} Beispiele</translation>
  </message>
  <message>
   <source>{1} of {0} examples</source>
   <translation>{1} von {0} Beispielen</translation>
  </message>
 </context>
 <context>
  <name>Handouts</name>
  <message>
   <source>Save report</source>
   <translation>Bericht speichern</translation>
  </message>
  <message>
   <source>Save as script or notebook</source>
   <translation>Als Skript oder Notebook speichern</translation>
  </message>
  <message>
   <source>Copied as Python</source>
   <translation>Als Python kopiert</translation>
  </message>
  <message>
   <source>Copied the BibTeX of {0}</source>
   <translation>BibTeX von {0} kopiert</translation>
  </message>
  <message>
   <source>Writing {0}…</source>
   <translation>{0} wird geschrieben…</translation>
  </message>
 </context>
 <context>
  <name>Hands</name>
  <message>
   <source>This panel has nothing for that tool; take another panel.</source>
   <translation>Dieses Feld hat nichts für dieses Werkzeug; ein anderes Feld nehmen.</translation>
  </message>
 </context>
 <context>
  <name>Histogram</name>
  <message>
   <source>Histogram with the ends of the colours</source>
   <translation>Histogramm mit den Enden der Farben</translation>
  </message>
  <message>
   <source>Arrow keys move the minimum, with Shift the maximum.</source>
   <translation>Pfeiltasten bewegen das Minimum, mit Umschalt das Maximum.</translation>
  </message>
  <message>
   <source>Drag the handles to the smallest and largest colour</source>
   <translation>Die Griffe an die kleinste und größte Farbe ziehen</translation>
  </message>
 </context>
 <context>
  <name>ImportDialog</name>
  <message>
   <source>comma</source>
   <translation>Komma</translation>
  </message>
  <message>
   <source>semicolon</source>
   <translation>Semikolon</translation>
  </message>
  <message>
   <source>tab</source>
   <translation>Tabulator</translation>
  </message>
  <message>
   <source>bar</source>
   <translation>Strich</translation>
  </message>
  <message>
   <source>spaces</source>
   <translation>Leerzeichen</translation>
  </message>
  <message>
   <source>point</source>
   <translation>Punkt</translation>
  </message>
  <message>
   <source>yes</source>
   <translation>ja</translation>
  </message>
  <message>
   <source>no</source>
   <translation>nein</translation>
  </message>
  <message>
   <source>Import {0}</source>
   <translation>{0} importieren</translation>
  </message>
  <message>
   <source>Delimiter</source>
   <translation>Trennzeichen</translation>
  </message>
  <message>
   <source>Decimal mark</source>
   <translation>Dezimalzeichen</translation>
  </message>
  <message>
   <source>Header</source>
   <translation>Kopfzeile</translation>
  </message>
  <message>
   <source>Lines to skip</source>
   <translation>Zeilen überspringen</translation>
  </message>
  <message>
   <source>First rows</source>
   <translation>Erste Zeilen</translation>
  </message>
  <message>
   <source>&amp;Delimiter</source>
   <translation>&amp;Trennzeichen</translation>
  </message>
  <message>
   <source>Decimal &amp;mark</source>
   <translation>&amp;Dezimalzeichen</translation>
  </message>
  <message>
   <source>&amp;Header</source>
   <translation>&amp;Kopfzeile</translation>
  </message>
  <message>
   <source>&amp;Skip lines</source>
   <translation>&amp;Überspringen</translation>
  </message>
  <message>
   <source>Each column is left out, or taken into one data set, or into an array of the method. Missing cells become NaN.</source>
   <translation>Jede Spalte entfällt, oder kommt in einen Datensatz oder in ein Feld des Verfahrens. Fehlende Zellen werden NaN.</translation>
  </message>
  <message>
   <source>&amp;Reference</source>
   <translation>&amp;Bezug</translation>
  </message>
  <message>
   <source>found out</source>
   <translation>erkannt</translation>
  </message>
  <message>
   <source>use as</source>
   <translation>benutzen als</translation>
  </message>
  <message>
   <source>found out: {0}</source>
   <translation>erkannt: {0}</translation>
  </message>
  <message>
   <source>Use of column {0}</source>
   <translation>Gebrauch der Spalte {0}</translation>
  </message>
  <message>
   <source>leave out</source>
   <translation>weglassen</translation>
  </message>
  <message>
   <source>data set</source>
   <translation>Datensatz</translation>
  </message>
  <message>
   <source>no column is taken; choose at least one</source>
   <translation>keine Spalte ist gewählt; mindestens eine wählen</translation>
  </message>
  <message>
   <source>row {0}, column {1} holds {2}; it must be a number; skip lines above it, leave the column out, or choose another mark</source>
   <translation>Zeile {0}, Spalte {1} enthält {2}; es muss eine Zahl sein; Zeilen darüber überspringen, die Spalte weglassen oder ein anderes Zeichen wählen</translation>
  </message>
 </context>
 <context>
  <name>InputsPane</name>
  <message>
   <source>Data of the run</source>
   <translation>Daten des Laufs</translation>
  </message>
  <message>
   <source>Example: {0}</source>
   <translation>Beispiel: {0}</translation>
  </message>
  <message>
   <source>My data: {0}</source>
   <translation>Meine Daten: {0}</translation>
  </message>
  <message>
   <source>choose data for {0}; open a file or take a sample</source>
   <translation>Daten für {0} wählen; eine Datei öffnen oder ein Beispiel nehmen</translation>
  </message>
  <message>
   <source> (optional)</source>
   <translation> (freiwillig)</translation>
  </message>
  <message>
   <source>from the file of {0}</source>
   <translation>aus der Datei von {0}</translation>
  </message>
 </context>
 <context>
  <name>InspectorPane</name>
  <message>
   <source>Choose a record in the results, then Inspect.</source>
   <translation>Eine Aufzeichnung in den Ergebnissen wählen, dann Ansehen.</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>Shape</source>
   <translation>Form</translation>
  </message>
  <message>
   <source>Type</source>
   <translation>Typ</translation>
  </message>
  <message>
   <source>Contents of the file</source>
   <translation>Inhalt der Datei</translation>
  </message>
  <message>
   <source>Values</source>
   <translation>Werte</translation>
  </message>
  <message>
   <source>Choose an array to see its first values.</source>
   <translation>Ein Array wählen, um seine ersten Werte zu sehen.</translation>
  </message>
 </context>
 <context>
  <name>Journal</name>
  <message>
   <source>Save session as script</source>
   <translation>Sitzung als Skript speichern</translation>
  </message>
 </context>
 <context>
  <name>Layouts</name>
  <message>
   <source>Save layout</source>
   <translation>Anordnung speichern</translation>
  </message>
  <message>
   <source>&amp;Name (a layout of the same name is replaced)</source>
   <translation>&amp;Name (eine Anordnung gleichen Namens wird ersetzt)</translation>
  </message>
  <message>
   <source>Layout {0} is of another version; save it anew under its name.</source>
   <translation>Anordnung {0} stammt aus einer anderen Version; unter ihrem Namen neu speichern.</translation>
  </message>
  <message>
   <source>Delete a layout</source>
   <translation>Anordnung löschen</translation>
  </message>
  <message>
   <source>&amp;Layout</source>
   <translation>&amp;Anordnung</translation>
  </message>
  <message>
   <source>Delete</source>
   <translation>Löschen</translation>
  </message>
  <message>
   <source>Layout</source>
   <translation>Anordnung</translation>
  </message>
  <message>
   <source>there is no layout of your own yet; save one first</source>
   <translation>es gibt noch keine eigene Anordnung; zuerst eine speichern</translation>
  </message>
 </context>
 <context>
  <name>LogPane</name>
  <message>
   <source>Filter</source>
   <translation>Filter</translation>
  </message>
  <message>
   <source>Filter the log</source>
   <translation>Protokoll filtern</translation>
  </message>
  <message>
   <source>Least level shown</source>
   <translation>Niedrigste gezeigte Stufe</translation>
  </message>
  <message>
   <source>Everything</source>
   <translation>Alles</translation>
  </message>
  <message>
   <source>Warnings</source>
   <translation>Warnungen</translation>
  </message>
  <message>
   <source>Errors</source>
   <translation>Fehler</translation>
  </message>
  <message>
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
  <message>
   <source>Copy the lines shown</source>
   <translation>Die gezeigten Zeilen kopieren</translation>
  </message>
  <message>
   <source>Log</source>
   <translation>Protokoll</translation>
  </message>
 </context>
 <context>
  <name>MainWindow</name>
  <message>
   <source>Start page</source>
   <translation>Startseite</translation>
  </message>
  <message>
   <source>Drop to open the files</source>
   <translation>Loslassen öffnet die Dateien</translation>
  </message>
  <message>
   <source>workspace {0}</source>
   <translation>Arbeitsbereich {0}</translation>
  </message>
  <message>
   <source>Runs are going on</source>
   <translation>Es wird noch gerechnet</translation>
  </message>
  <message>
   <source>Stop the runs and close?</source>
   <translation>Läufe anhalten und schließen?</translation>
  </message>
  <message>
   <source>What they found so far is kept in their records.</source>
   <translation>Was sie bisher fanden, bleibt in ihren Aufzeichnungen.</translation>
  </message>
  <message>
   <source>Stop and close</source>
   <translation>Anhalten und schließen</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>Öffnen</translation>
  </message>
  <message>
   <source>{0} was moved to the bin.</source>
   <translation>{0} liegt im Papierkorb.</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>Rückgängig</translation>
  </message>
  <message>
   <source>The {0} process died: {1}.</source>
   <translation>Der Prozess {0} ist abgestürzt: {1}.</translation>
  </message>
  <message>
   <source>It was not started again; restart the program.</source>
   <translation>Er wurde nicht neu gestartet; das Programm neu starten.</translation>
  </message>
  <message>
   <source>It was started again; the queue goes on.</source>
   <translation>Er wurde neu gestartet; die Warteschlange läuft weiter.</translation>
  </message>
  <message>
   <source>&amp;Go on</source>
   <translation>&amp;Fortsetzen</translation>
  </message>
  <message>
   <source>&amp;Pause</source>
   <translation>&amp;Pause</translation>
  </message>
 </context>
 <context>
  <name>Manual</name>
  <message>
   <source>Manual</source>
   <translation>Handbuch</translation>
  </message>
  <message>
   <source>Search</source>
   <translation>Suchen</translation>
  </message>
  <message>
   <source>Search the manual</source>
   <translation>Handbuch durchsuchen</translation>
  </message>
  <message>
   <source>Pages</source>
   <translation>Seiten</translation>
  </message>
  <message>
   <source>Page</source>
   <translation>Seite</translation>
  </message>
  <message>
   <source>Methods</source>
   <translation>Verfahren</translation>
  </message>
 </context>
 <context>
  <name>Marquee</name>
  <message>
   <source>Drag a rectangle to crop</source>
   <translation>Zum Zuschneiden ein Rechteck aufziehen</translation>
  </message>
 </context>
 <context>
  <name>MethodsPane</name>
  <message>
   <source>Search</source>
   <translation>Suchen</translation>
  </message>
  <message>
   <source>Search the methods</source>
   <translation>Verfahren suchen</translation>
  </message>
  <message>
   <source>Methods</source>
   <translation>Verfahren</translation>
  </message>
  <message>
   <source>About the method</source>
   <translation>Über das Verfahren</translation>
  </message>
  <message>
   <source>The methods are being read…</source>
   <translation>Die Verfahren werden gelesen…</translation>
  </message>
  <message>
   <source>Choose a method to read about it.</source>
   <translation>Ein Verfahren wählen, um darüber zu lesen.</translation>
  </message>
  <message>
   <source> or </source>
   <translation> oder </translation>
  </message>
  <message>
   <source>The chosen data have {0} axes; this method takes {1}</source>
   <translation>Die gewählten Daten haben {0} Achsen; dieses Verfahren nimmt {1}</translation>
  </message>
 </context>
 <context>
  <name>ModeBar</name>
  <message>
   <source>How images are compared</source>
   <translation>Wie Bilder verglichen werden</translation>
  </message>
  <message>
   <source>Compared with the first run</source>
   <translation>Verglichen mit dem ersten Lauf</translation>
  </message>
  <message>
   <source>The run that lies over the first one</source>
   <translation>Der Lauf, der über dem ersten liegt</translation>
  </message>
  <message>
   <source>Side by side</source>
   <translation>Nebeneinander</translation>
  </message>
  <message>
   <source>Every image in a panel of its own</source>
   <translation>Jedes Bild in einem eigenen Feld</translation>
  </message>
  <message>
   <source>Swipe</source>
   <translation>Wischen</translation>
  </message>
  <message>
   <source>One image over the other, up to a line that you move</source>
   <translation>Ein Bild über dem anderen, bis zu einer Linie, die sich ziehen lässt</translation>
  </message>
  <message>
   <source>Flicker</source>
   <translation>Blinken</translation>
  </message>
  <message>
   <source>One image and the other in turns, in the same place</source>
   <translation>Ein Bild und das andere abwechselnd am selben Platz</translation>
  </message>
  <message>
   <source>Difference</source>
   <translation>Abweichung</translation>
  </message>
  <message>
   <source>The second image minus the first</source>
   <translation>Das zweite Bild minus das erste</translation>
  </message>
  <message>
   <source>Drag the line, or use the arrow keys.</source>
   <translation>Die Linie ziehen oder die Pfeiltasten benutzen.</translation>
  </message>
  <message>
   <source>Arrow keys choose; Flicker goes on.</source>
   <translation>Pfeiltasten wählen; Blinken läuft weiter.</translation>
  </message>
 </context>
 <context>
  <name>MovieBar</name>
  <message>
   <source>Frame</source>
   <translation>Bild</translation>
  </message>
  <message>
   <source>Frame of the movie</source>
   <translation>Bild des Films</translation>
  </message>
  <message>
   <source>Speed of the movie</source>
   <translation>Tempo des Films</translation>
  </message>
  <message>
   <source>Speed</source>
   <translation>Tempo</translation>
  </message>
  <message>
   <source>Loop</source>
   <translation>Endlos</translation>
  </message>
  <message>
   <source>Start again at the end</source>
   <translation>Am Ende von vorn beginnen</translation>
  </message>
  <message>
   <source>Pause</source>
   <translation>Pause</translation>
  </message>
  <message>
   <source>Play</source>
   <translation>Abspielen</translation>
  </message>
  <message>
   <source>{} (Space)</source>
   <translation>{} (Leertaste)</translation>
  </message>
 </context>
 <context>
  <name>Notice</name>
  <message>
   <source>Close the notice</source>
   <translation>Meldung schließen</translation>
  </message>
  <message>
   <source>Details</source>
   <translation>Einzelheiten</translation>
  </message>
  <message>
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
 </context>
 <context>
  <name>Notices</name>
  <message>
   <source>Exported {0}</source>
   <translation>{0} ausgegeben</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>Öffnen</translation>
  </message>
 </context>
 <context>
  <name>NumberEditor</name>
  <message>
   <source>{0}, slider</source>
   <translation>{0}, Regler</translation>
  </message>
 </context>
 <context>
  <name>Opening</name>
  <message>
   <source>Open as data</source>
   <translation>Als Daten öffnen</translation>
  </message>
  <message>
   <source>Open a folder of pictures</source>
   <translation>Ordner mit Bildern öffnen</translation>
  </message>
  <message>
   <source>The clipboard holds no data; copy a table, a picture or files first.</source>
   <translation>Die Zwischenablage enthält keine Daten; zuerst eine Tabelle, ein Bild oder Dateien kopieren.</translation>
  </message>
  <message>
   <source>The picture is too large to be pasted; save it to a file and open that.</source>
   <translation>Das Bild ist zu groß zum Einfügen; als Datei speichern und diese öffnen.</translation>
  </message>
  <message>
   <source>Import options…</source>
   <translation>Import einstellen…</translation>
  </message>
  <message>
   <source>Steps…</source>
   <translation>Schritte…</translation>
  </message>
 </context>
 <context>
  <name>OptionalEditor</name>
  <message>
   <source>auto</source>
   <translation>auto</translation>
  </message>
  <message>
   <source>{0}, automatic</source>
   <translation>{0}, automatisch</translation>
  </message>
 </context>
 <context>
  <name>ParallelPart</name>
  <message>
   <source>Metric that colours the lines</source>
   <translation>Kennzahl, die die Linien färbt</translation>
  </message>
  <message>
   <source>Axes</source>
   <translation>Achsen</translation>
  </message>
  <message>
   <source>Settings and metrics that have an axis</source>
   <translation>Einstellungen und Kennzahlen mit Achse</translation>
  </message>
  <message>
   <source>Clear</source>
   <translation>Leeren</translation>
  </message>
  <message>
   <source>Take all intervals away (Escape)</source>
   <translation>Alle Intervalle entfernen (Escape)</translation>
  </message>
  <message>
   <source>Coloured by</source>
   <translation>Gefärbt nach</translation>
  </message>
  <message>
   <source>{0} of {1} runs</source>
   <translation>{0} von {1} Läufen</translation>
  </message>
  <message>
   <source>{1} runs</source>
   <translation>{1} Läufe</translation>
  </message>
  <message>
   <source>; drag on an axis to choose some</source>
   <translation>; auf einer Achse ziehen, um einige zu wählen</translation>
  </message>
 </context>
 <context>
  <name>ParallelView</name>
  <message>
   <source>Parallel coordinates</source>
   <translation>Parallele Koordinaten</translation>
  </message>
 </context>
 <context>
  <name>ParametersPane</name>
  <message>
   <source>Choose a method</source>
   <translation>Verfahren wählen</translation>
  </message>
  <message>
   <source>{0} of memory are free</source>
   <translation>{0} Speicher sind frei</translation>
  </message>
  <message>
   <source>Preset</source>
   <translation>Vorlage</translation>
  </message>
  <message>
   <source>Reset all</source>
   <translation>Alles zurücksetzen</translation>
  </message>
  <message>
   <source>Give every field its default</source>
   <translation>Jedem Feld seine Vorgabe geben</translation>
  </message>
  <message>
   <source>Search the parameters</source>
   <translation>Parameter suchen</translation>
  </message>
  <message>
   <source>No parameter matches</source>
   <translation>Kein Parameter passt</translation>
  </message>
  <message>
   <source>What the run will take</source>
   <translation>Was der Lauf brauchen wird</translation>
  </message>
  <message>
   <source>choose preset {0}</source>
   <translation>Vorlage {0} wählen</translation>
  </message>
  <message>
   <source>reset all</source>
   <translation>alles zurücksetzen</translation>
  </message>
 </context>
 <context>
  <name>PathLine</name>
  <message>
   <source>Browse…</source>
   <translation>Durchsuchen…</translation>
  </message>
 </context>
 <context>
  <name>PeerControl</name>
  <message>
   <source>select one record only</source>
   <translation>nur eine Aufzeichnung wählen</translation>
  </message>
  <message>
   <source>select a record in the results first</source>
   <translation>zuerst eine Aufzeichnung in den Ergebnissen wählen</translation>
  </message>
  <message>
   <source>only a run that is done can be checked</source>
   <translation>nur ein Lauf, der fertig ist, lässt sich prüfen</translation>
  </message>
  <message>
   <source>there is no method {0} in this version</source>
   <translation>diese Version hat kein Verfahren {0}</translation>
  </message>
 </context>
 <context>
  <name>PeerDialog</name>
  <message>
   <source>Check against a peer</source>
   <translation>Mit anderer Bibliothek prüfen</translation>
  </message>
  <message>
   <source>The libraries are being loaded</source>
   <translation>Die Bibliotheken werden geladen</translation>
  </message>
  <message>
   <source>Verdict</source>
   <translation>Urteil</translation>
  </message>
  <message>
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
  <message>
   <source>Copy the verdict and the table as text</source>
   <translation>Urteil und Tabelle als Text kopieren</translation>
  </message>
  <message>
   <source>Stop</source>
   <translation>Anhalten</translation>
  </message>
  <message>
   <source>Quantity</source>
   <translation>Größe</translation>
  </message>
  <message>
   <source>This run</source>
   <translation>Dieser Lauf</translation>
  </message>
  <message>
   <source>Peer</source>
   <translation>Gegenstück</translation>
  </message>
  <message>
   <source>Difference</source>
   <translation>Abweichung</translation>
  </message>
  <message>
   <source>Relative</source>
   <translation>Relativ</translation>
  </message>
  <message>
   <source>Of an array, the greatest of all values</source>
   <translation>Bei einem Feld die größte aller Werte</translation>
  </message>
  <message>
   <source>The difference over the peer's value; of an array, in the Frobenius norm</source>
   <translation>Die Abweichung durch den Wert des Gegenstücks; bei einem Feld in der Frobeniusnorm</translation>
  </message>
  <message>
   <source>Differences</source>
   <translation>Abweichungen</translation>
  </message>
  <message>
   <source>{0} solves the same problem</source>
   <translation>{0} löst dieselbe Aufgabe</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>{0} {1}: {2}; this run: {3}</source>
   <translation>{0} {1}: {2}; dieser Lauf: {3}</translation>
  </message>
 </context>
 <context>
  <name>PlotsPane</name>
  <message>
   <source>Pictures of the run</source>
   <translation>Bilder des Laufs</translation>
  </message>
  <message>
   <source>Run a method to see its pictures here.</source>
   <translation>Ein Verfahren rechnen, um hier seine Bilder zu sehen.</translation>
  </message>
  <message>
   <source>Progress</source>
   <translation>Verlauf</translation>
  </message>
  <message>
   <source>Waiting in the queue…</source>
   <translation>Wartet in der Schlange…</translation>
  </message>
  <message>
   <source>Running; the first picture is on its way…</source>
   <translation>Rechnet; das erste Bild ist unterwegs…</translation>
  </message>
  <message>
   <source>Paused before the first picture.</source>
   <translation>Angehalten vor dem ersten Bild.</translation>
  </message>
  <message>
   <source>No pictures.</source>
   <translation>Keine Bilder.</translation>
  </message>
  <message>
   <source>Reading the record…</source>
   <translation>Die Aufzeichnung wird gelesen…</translation>
  </message>
 </context>
 <context>
  <name>ProfileView</name>
  <message>
   <source>Line profiles</source>
   <translation>Linienprofile</translation>
  </message>
  <message>
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
  <message>
   <source>Copy profiles</source>
   <translation>Profile kopieren</translation>
  </message>
  <message>
   <source>Copy the values along the lines</source>
   <translation>Die Werte längs der Linien kopieren</translation>
  </message>
  <message>
   <source>Along the lines</source>
   <translation>Längs der Linien</translation>
  </message>
 </context>
 <context>
  <name>QueueList</name>
  <message>
   <source>Queue</source>
   <translation>Warteschlange</translation>
  </message>
  <message>
   <source>No runs yet.</source>
   <translation>Noch keine Läufe.</translation>
  </message>
  <message>
   <source>… and {0} more wait</source>
   <translation>… und {0} weitere warten</translation>
  </message>
 </context>
 <context>
  <name>Reasons</name>
  <message>
   <source>no run goes on</source>
   <translation>kein Lauf ist im Gang</translation>
  </message>
  <message>
   <source>there is no run on show; run a method first</source>
   <translation>kein Lauf wird gezeigt; zuerst ein Verfahren rechnen</translation>
  </message>
  <message>
   <source>no figure of a record is on show</source>
   <translation>keine Abbildung einer Aufzeichnung wird gezeigt</translation>
  </message>
  <message>
   <source>no picture is on show; run a method or open a record</source>
   <translation>kein Bild wird gezeigt; ein Verfahren rechnen oder eine Aufzeichnung öffnen</translation>
  </message>
  <message>
   <source>select a record in the results first</source>
   <translation>zuerst eine Aufzeichnung in den Ergebnissen wählen</translation>
  </message>
  <message>
   <source>select two or more records in the results first</source>
   <translation>zuerst zwei oder mehr Aufzeichnungen in den Ergebnissen wählen</translation>
  </message>
  <message>
   <source>nothing has been run in this window yet</source>
   <translation>in diesem Fenster wurde noch nichts gerechnet</translation>
  </message>
  <message>
   <source>choose a method first</source>
   <translation>zuerst ein Verfahren wählen</translation>
  </message>
  <message>
   <source>there is nothing to undo</source>
   <translation>es gibt nichts rückgängig zu machen</translation>
  </message>
  <message>
   <source>there is nothing to do again</source>
   <translation>es gibt nichts zu wiederholen</translation>
  </message>
 </context>
 <context>
  <name>RecordFilter</name>
  <message>
   <source>Search records</source>
   <translation>Aufzeichnungen suchen</translation>
  </message>
  <message>
   <source>Words of name, method, tags and note, or a comparison:</source>
   <translation>Wörter aus Name, Verfahren, Schlagworten und Notiz, oder ein Vergleich:</translation>
  </message>
  <message>
   <source>All methods</source>
   <translation>Alle Verfahren</translation>
  </message>
  <message>
   <source>Method of the records</source>
   <translation>Verfahren der Aufzeichnungen</translation>
  </message>
  <message>
   <source>All states</source>
   <translation>Alle Zustände</translation>
  </message>
  <message>
   <source>State of the records</source>
   <translation>Zustand der Aufzeichnungen</translation>
  </message>
  <message>
   <source>Starred only</source>
   <translation>Nur mit Stern</translation>
  </message>
  <message>
   <source>Show only what is starred</source>
   <translation>Nur zeigen, was einen Stern hat</translation>
  </message>
 </context>
 <context>
  <name>RecordTable</name>
  <message>
   <source>Records</source>
   <translation>Aufzeichnungen</translation>
  </message>
 </context>
 <context>
  <name>RecordsModel</name>
  <message>
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>State</source>
   <translation>Zustand</translation>
  </message>
  <message>
   <source>Result</source>
   <translation>Ergebnis</translation>
  </message>
  <message>
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>Time</source>
   <translation>Zeit</translation>
  </message>
  <message>
   <source>Device</source>
   <translation>Gerät</translation>
  </message>
  <message>
   <source>Seed</source>
   <translation>Startwert</translation>
  </message>
  <message>
   <source>Started</source>
   <translation>Begonnen</translation>
  </message>
  <message>
   <source>Method</source>
   <translation>Verfahren</translation>
  </message>
  <message>
   <source>Data</source>
   <translation>Daten</translation>
  </message>
  <message>
   <source>Tags</source>
   <translation>Schlagworte</translation>
  </message>
  <message>
   <source>Note</source>
   <translation>Notiz</translation>
  </message>
  <message>
   <source>Size</source>
   <translation>Größe</translation>
  </message>
  <message>
   <source>Starred: click to mark a record</source>
   <translation>Stern: ein Klick merkt eine Aufzeichnung vor</translation>
  </message>
  <message>
   <source>The most telling numbers of the result</source>
   <translation>Die wichtigsten Zahlen des Ergebnisses</translation>
  </message>
  <message>
   <source>What differs from the default, or from the nearest preset</source>
   <translation>Was von der Vorgabe oder der nächsten Vorlage abweicht</translation>
  </message>
  <message>
   <source>Words of your own, with commas between them; double-click to edit</source>
   <translation>Eigene Wörter, durch Kommas getrennt; Doppelklick zum Ändern</translation>
  </message>
  <message>
   <source>Double-click to edit</source>
   <translation>Doppelklick zum Ändern</translation>
  </message>
  <message>
   <source>The run can be resumed.</source>
   <translation>Der Lauf kann wieder aufgenommen werden.</translation>
  </message>
  <message>
   <source>starred</source>
   <translation>mit Stern</translation>
  </message>
  <message>
   <source>not starred</source>
   <translation>ohne Stern</translation>
  </message>
 </context>
 <context>
  <name>ReferenceLine</name>
  <message>
   <source>Reference</source>
   <translation>Bezug</translation>
  </message>
  <message>
   <source>What a record keeps, and what --input takes on the command line</source>
   <translation>Was eine Aufzeichnung behält und --input in der Befehlszeile nimmt</translation>
  </message>
 </context>
 <context>
  <name>RegionTable</name>
  <message>
   <source>Statistics of the regions</source>
   <translation>Statistik der Bereiche</translation>
  </message>
  <message>
   <source>Statistics</source>
   <translation>Statistik</translation>
  </message>
  <message>
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
  <message>
   <source>Copy statistics</source>
   <translation>Statistik kopieren</translation>
  </message>
  <message>
   <source>Copy the numbers with all their digits</source>
   <translation>Die Zahlen mit allen Stellen kopieren</translation>
  </message>
  <message>
   <source>Mean</source>
   <translation>Mittelwert</translation>
  </message>
  <message>
   <source>Standard deviation</source>
   <translation>Standardabweichung</translation>
  </message>
  <message>
   <source>Sum</source>
   <translation>Summe</translation>
  </message>
  <message>
   <source>Integral</source>
   <translation>Integral</translation>
  </message>
  <message>
   <source>Values</source>
   <translation>Werte</translation>
  </message>
  <message>
   <source>Minimum</source>
   <translation>Minimum</translation>
  </message>
  <message>
   <source>Maximum</source>
   <translation>Maximum</translation>
  </message>
  <message>
   <source>Region</source>
   <translation>Bereich</translation>
  </message>
 </context>
 <context>
  <name>Repeat</name>
  <message>
   <source>There is no method {0} in this version.</source>
   <translation>Das Verfahren {0} gibt es in dieser Version nicht.</translation>
  </message>
  <message>
   <source>Run again: {0} of {1} arrays differ: {2}.</source>
   <translation>Wiederholt: {0} von {1} Feldern weichen ab: {2}.</translation>
  </message>
  <message>
   <source>Run again: {0} arrays are equal, byte for byte.</source>
   <translation>Wiederholt: {0} Felder sind gleich, Byte für Byte.</translation>
  </message>
 </context>
 <context>
  <name>Replaced</name>
  <message>
   <source>replace data</source>
   <translation>Daten ersetzen</translation>
  </message>
 </context>
 <context>
  <name>ReplayWindow</name>
  <message>
   <source>Replay</source>
   <translation>Abspielen</translation>
  </message>
  <message>
   <source>Reading the record…</source>
   <translation>Die Aufzeichnung wird gelesen…</translation>
  </message>
  <message>
   <source>Time of the run</source>
   <translation>Zeit des Laufs</translation>
  </message>
  <message>
   <source>Figure</source>
   <translation>Abbildung</translation>
  </message>
  <message>
   <source>The figure that is played</source>
   <translation>Die Abbildung, die abgespielt wird</translation>
  </message>
  <message>
   <source>Speed</source>
   <translation>Tempo</translation>
  </message>
  <message>
   <source>Speed of the clock, or how long all of it takes</source>
   <translation>Tempo der Uhr, oder wie lange das Ganze dauert</translation>
  </message>
  <message>
   <source>In {0} s</source>
   <translation>In {0} s</translation>
  </message>
  <message>
   <source>Replay: {0}</source>
   <translation>Abspielen: {0}</translation>
  </message>
  <message>
   <source>This record holds neither curves nor figures.</source>
   <translation>Diese Aufzeichnung enthält weder Kurven noch Abbildungen.</translation>
  </message>
  <message>
   <source>Pause</source>
   <translation>Pause</translation>
  </message>
  <message>
   <source>Play</source>
   <translation>Abspielen</translation>
  </message>
  <message>
   <source>{} (Space)</source>
   <translation>{} (Leertaste)</translation>
  </message>
 </context>
 <context>
  <name>Rescue</name>
  <message>
   <source>The record was not written</source>
   <translation>Die Aufzeichnung wurde nicht geschrieben</translation>
  </message>
  <message>
   <source>The result of {0} has no place yet.</source>
   <translation>Das Ergebnis von {0} hat noch keinen Platz.</translation>
  </message>
  <message>
   <source>It is kept in memory until you choose; nothing is lost.</source>
   <translation>Es bleibt im Speicher, bis gewählt ist; nichts geht verloren.</translation>
  </message>
  <message>
   <source>Save elsewhere…</source>
   <translation>Anderswo speichern…</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Noch einmal versuchen</translation>
  </message>
  <message>
   <source>Discard the result</source>
   <translation>Ergebnis verwerfen</translation>
  </message>
 </context>
 <context>
  <name>ResultsPane</name>
  <message>
   <source>Open</source>
   <translation>Öffnen</translation>
  </message>
  <message>
   <source>Look at the pictures of the record</source>
   <translation>Die Bilder der Aufzeichnung ansehen</translation>
  </message>
  <message>
   <source>Compare</source>
   <translation>Vergleichen</translation>
  </message>
  <message>
   <source>Set two or more records side by side</source>
   <translation>Zwei oder mehr Aufzeichnungen nebeneinander stellen</translation>
  </message>
  <message>
   <source>Run again</source>
   <translation>Noch einmal rechnen</translation>
  </message>
  <message>
   <source>Run again with the same settings and data</source>
   <translation>Mit denselben Einstellungen und Daten noch einmal rechnen</translation>
  </message>
  <message>
   <source>Inspect</source>
   <translation>Ansehen</translation>
  </message>
  <message>
   <source>Look into the file</source>
   <translation>In die Datei schauen</translation>
  </message>
  <message>
   <source>Delete</source>
   <translation>Löschen</translation>
  </message>
  <message>
   <source>Move to the bin</source>
   <translation>In den Papierkorb legen</translation>
  </message>
  <message>
   <source>1 record</source>
   <translation>1 Aufzeichnung</translation>
  </message>
  <message>
   <source>{0} records</source>
   <translation>{0} Aufzeichnungen</translation>
  </message>
  <message>
   <source>{1} of {0}</source>
   <translation>{1} von {0}</translation>
  </message>
  <message>
   <source>{1}, reading {2} more</source>
   <translation>{1}, {2} weitere werden gelesen</translation>
  </message>
  <message>
   <source>Reading the records…</source>
   <translation>Die Aufzeichnungen werden gelesen…</translation>
  </message>
  <message>
   <source>None of the {0} records fits.</source>
   <translation>Keine der {0} Aufzeichnungen passt.</translation>
  </message>
  <message>
   <source>Show all</source>
   <translation>Alle zeigen</translation>
  </message>
  <message>
   <source>Every run is kept here as an HDF5 file. There are none yet: choose a method and press Run, or click an example.</source>
   <translation>Jeder Lauf wird hier als HDF5-Datei aufbewahrt. Noch gibt es keinen: ein Verfahren wählen und Rechnen drücken, oder ein Beispiel anklicken.</translation>
  </message>
  <message>
   <source>Show the examples</source>
   <translation>Beispiele zeigen</translation>
  </message>
  <message>
   <source>Replay…</source>
   <translation>Abspielen…</translation>
  </message>
  <message>
   <source>Remove star</source>
   <translation>Stern entfernen</translation>
  </message>
  <message>
   <source>Star</source>
   <translation>Stern</translation>
  </message>
  <message>
   <source>Rename</source>
   <translation>Umbenennen</translation>
  </message>
  <message>
   <source>Edit tags</source>
   <translation>Schlagworte ändern</translation>
  </message>
  <message>
   <source>Edit note</source>
   <translation>Notiz ändern</translation>
  </message>
  <message>
   <source>Select a record first</source>
   <translation>Zuerst eine Aufzeichnung wählen</translation>
  </message>
  <message>
   <source>Select two or more records first</source>
   <translation>Zuerst zwei oder mehr Aufzeichnungen wählen</translation>
  </message>
 </context>
 <context>
  <name>Resuming</name>
  <message>
   <source>select one record only</source>
   <translation>nur eine Aufzeichnung wählen</translation>
  </message>
  <message>
   <source>select a record in the results first</source>
   <translation>zuerst eine Aufzeichnung in den Ergebnissen wählen</translation>
  </message>
  <message>
   <source>only a run that was stopped or interrupted can go on</source>
   <translation>nur ein angehaltener oder unterbrochener Lauf kann weitergehen</translation>
  </message>
  <message>
   <source>there is no checkpoint: the method keeps none, or the run had just begun</source>
   <translation>es gibt keinen Haltepunkt: das Verfahren hat keine, oder der Lauf hatte eben erst begonnen</translation>
  </message>
  <message>
   <source>recovered an interrupted run: {0}</source>
   <translation>unterbrochener Lauf gerettet: {0}</translation>
  </message>
  <message>
   <source>{0} interrupted run(s) were recovered.</source>
   <translation>Gerettete unterbrochene Läufe: {0}.</translation>
  </message>
  <message>
   <source>Resume</source>
   <translation>Wiederaufnehmen</translation>
  </message>
 </context>
 <context>
  <name>Row</name>
  <message>
   <source>Earlier (Alt+Up)</source>
   <translation>Früher (Alt+Auf)</translation>
  </message>
  <message>
   <source>Later (Alt+Down)</source>
   <translation>Später (Alt+Ab)</translation>
  </message>
  <message>
   <source>Pause or go on</source>
   <translation>Pause oder weiter</translation>
  </message>
  <message>
   <source>Stop this run</source>
   <translation>Diesen Lauf anhalten</translation>
  </message>
  <message>
   <source>Click to look at this run</source>
   <translation>Anklicken zeigt diesen Lauf</translation>
  </message>
  <message>
   <source>Click to look at this run, drag it to change its turn</source>
   <translation>Anklicken zeigt diesen Lauf, ziehen ändert seine Reihenfolge</translation>
  </message>
  <message>
   <source>Reset to {0}</source>
   <translation>Zurücksetzen auf {0}</translation>
  </message>
  <message>
   <source>Reset {0} to {1}</source>
   <translation>{0} zurücksetzen auf {1}</translation>
  </message>
 </context>
 <context>
  <name>RunControl</name>
  <message>
   <source>End the engine process</source>
   <translation>Rechenprozess beenden</translation>
  </message>
  <message>
   <source>{0} does not answer.</source>
   <translation>{0} antwortet nicht.</translation>
  </message>
  <message>
   <source>{0} ({1}) started</source>
   <translation>{0} ({1}) begonnen</translation>
  </message>
  <message>
   <source>{0} has started; only runs that wait can be moved.</source>
   <translation>{0} hat begonnen; nur wartende Läufe lassen sich verschieben.</translation>
  </message>
 </context>
 <context>
  <name>RunPane</name>
  <message>
   <source>Automatic</source>
   <translation>Automatisch</translation>
  </message>
  <message>
   <source>double (float64)</source>
   <translation>doppelt (float64)</translation>
  </message>
  <message>
   <source>single (float32)</source>
   <translation>einfach (float32)</translation>
  </message>
  <message>
   <source>optional, e.g. fine grid</source>
   <translation>freiwillig, z. B. feines Gitter</translation>
  </message>
  <message>
   <source>&amp;Device</source>
   <translation>&amp;Gerät</translation>
  </message>
  <message>
   <source>&amp;Precision</source>
   <translation>Ge&amp;nauigkeit</translation>
  </message>
  <message>
   <source>&amp;Seed</source>
   <translation>&amp;Startwert</translation>
  </message>
  <message>
   <source>&amp;Name</source>
   <translation>Na&amp;me</translation>
  </message>
  <message>
   <source>Automatic ({0})</source>
   <translation>Automatisch ({0})</translation>
  </message>
 </context>
 <context>
  <name>RunSetup</name>
  <message>
   <source>choose a method first</source>
   <translation>zuerst ein Verfahren wählen</translation>
  </message>
  <message>
   <source>a parameter is out of its limits; correct it</source>
   <translation>ein Parameter ist außerhalb seiner Grenzen; berichtigen</translation>
  </message>
  <message>
   <source>the engine is starting; wait a moment</source>
   <translation>der Rechenprozess startet; einen Moment warten</translation>
  </message>
  <message>
   <source>{0} does not fit {1}</source>
   <translation>{0} passt nicht zu {1}</translation>
  </message>
  <message>
   <source>{0} takes the place of {1} as {2}; Undo brings it back</source>
   <translation>{0} tritt an die Stelle von {1} als {2}; Rückgängig holt es zurück</translation>
  </message>
 </context>
 <context>
  <name>RunView</name>
  <message>
   <source>{0} left</source>
   <translation>noch {0}</translation>
  </message>
 </context>
 <context>
  <name>SceneControl</name>
  <message>
   <source>A scene shows a record: wait for the end of the run.</source>
   <translation>Eine Szene zeigt eine Aufzeichnung: das Ende des Laufs abwarten.</translation>
  </message>
  <message>
   <source>Scene {0} was added.</source>
   <translation>Szene {0} ist hinzugekommen.</translation>
  </message>
  <message>
   <source>Scenes…</source>
   <translation>Szenen…</translation>
  </message>
  <message>
   <source>The scenes could not be written ({0}); they last till the window closes</source>
   <translation>Die Szenen konnten nicht geschrieben werden ({0}); sie bleiben, bis das Fenster schließt</translation>
  </message>
  <message>
   <source>The record {0} of this scene is gone; bring it back, or delete the scene.</source>
   <translation>Die Aufzeichnung {0} dieser Szene ist weg; zurückholen oder die Szene löschen.</translation>
  </message>
 </context>
 <context>
  <name>ScenesDialog</name>
  <message>
   <source>Scenes</source>
   <translation>Szenen</translation>
  </message>
  <message>
   <source>A sentence that stands below the picture</source>
   <translation>Ein Satz, der unter dem Bild steht</translation>
  </message>
  <message>
   <source>&amp;Show</source>
   <translation>&amp;Zeigen</translation>
  </message>
  <message>
   <source>Move &amp;up</source>
   <translation>Nach &amp;oben</translation>
  </message>
  <message>
   <source>Move &amp;down</source>
   <translation>Nach &amp;unten</translation>
  </message>
  <message>
   <source>D&amp;elete</source>
   <translation>&amp;Löschen</translation>
  </message>
  <message>
   <source>&amp;Close</source>
   <translation>&amp;Schließen</translation>
  </message>
  <message>
   <source>&amp;Name</source>
   <translation>Na&amp;me</translation>
  </message>
  <message>
   <source>&amp;Text</source>
   <translation>&amp;Text</translation>
  </message>
  <message>
   <source> (record is gone)</source>
   <translation> (Aufzeichnung ist weg)</translation>
  </message>
  <message>
   <source>There are no scenes yet.

Show a picture of a record, then choose
{0}.</source>
   <translation>Noch gibt es keine Szenen.

Ein Bild einer Aufzeichnung zeigen, dann
{0} wählen.</translation>
  </message>
  <message>
   <source>In presenter mode (Shift+F5) the arrow keys step through the scenes.</source>
   <translation>Im Vortrag (Umschalt+F5) blättern die Pfeiltasten durch die Szenen.</translation>
  </message>
 </context>
 <context>
  <name>SeedsPart</name>
  <message>
   <source>{0} is smaller by {1} ± {2}</source>
   <translation>{0} ist kleiner um {1} ± {2}</translation>
  </message>
  <message>
   <source>{0} is larger by {1} ± {2}</source>
   <translation>{0} ist größer um {1} ± {2}</translation>
  </message>
  <message>
   <source>{0} cannot be told from the first: the difference is {1} ± {2}</source>
   <translation>{0} ist vom ersten nicht zu unterscheiden: der Unterschied ist {1} ± {2}</translation>
  </message>
  <message>
   <source>{0} is smaller by {1} for every seed</source>
   <translation>{0} ist für jeden Startwert um {1} kleiner</translation>
  </message>
  <message>
   <source>{0} is larger by {1} for every seed</source>
   <translation>{0} ist für jeden Startwert um {1} größer</translation>
  </message>
  <message>
   <source>{0} is equal for every seed</source>
   <translation>{0} ist für jeden Startwert gleich</translation>
  </message>
  <message>
   <source>One seed says nothing about chance; repeat with further seeds</source>
   <translation>Ein Startwert sagt nichts über den Zufall; mit weiteren Startwerten wiederholen</translation>
  </message>
  <message>
   <source>The others are compared with this one</source>
   <translation>Die anderen werden mit diesem verglichen</translation>
  </message>
  <message>
   <source>{0} seeds each</source>
   <translation>je {0} Startwerte</translation>
  </message>
  <message>
   <source>{0} and {1} seeds</source>
   <translation>{0} und {1} Startwerte</translation>
  </message>
  <message>
   <source>paired by seed</source>
   <translation>nach Startwert gepaart</translation>
  </message>
  <message>
   <source>better</source>
   <translation>besser</translation>
  </message>
  <message>
   <source>worse</source>
   <translation>schlechter</translation>
  </message>
  <message>
   <source>Group the others are compared with</source>
   <translation>Gruppe, mit der die anderen verglichen werden</translation>
  </message>
  <message>
   <source>Level of significance</source>
   <translation>Signifikanzniveau</translation>
  </message>
  <message>
   <source>How often a mark may stand by chance alone, over all groups of a metric</source>
   <translation>Wie oft ein Zeichen nur durch Zufall stehen darf, über alle Gruppen einer Kennzahl</translation>
  </message>
  <message>
   <source>Repeat with {0} seeds</source>
   <translation>Mit {0} Startwerten wiederholen</translation>
  </message>
  <message>
   <source>Run every group until it has as many seeds</source>
   <translation>Jede Gruppe rechnen, bis sie so viele Startwerte hat</translation>
  </message>
  <message>
   <source>Means over seeds</source>
   <translation>Mittel über Startwerte</translation>
  </message>
  <message>
   <source>Compared with</source>
   <translation>Verglichen mit</translation>
  </message>
  <message>
   <source>Level</source>
   <translation>Niveau</translation>
  </message>
  <message>
   <source>{0} runs with further seeds go on…</source>
   <translation>{0} Läufe mit weiteren Startwerten sind im Gang…</translation>
  </message>
  <message>
   <source>No run has come to its end.</source>
   <translation>Kein Lauf ist zu Ende.</translation>
  </message>
  <message>
   <source>{0} of {1} groups have one seed: seeds must repeat to tell chance.</source>
   <translation>{0} von {1} Gruppen haben einen Startwert: erst Wiederholungen zeigen den Zufall.</translation>
  </message>
  <message>
   <source>▲ ▼ where a difference is more than chance</source>
   <translation>▲ ▼ wo ein Unterschied mehr als Zufall ist</translation>
  </message>
  <message>
   <source>Seeds: {0}</source>
   <translation>Startwerte: {0}</translation>
  </message>
 </context>
 <context>
  <name>Settings</name>
  <message>
   <source>Appearance</source>
   <translation>Aussehen</translation>
  </message>
  <message>
   <source>New runs</source>
   <translation>Neue Läufe</translation>
  </message>
  <message>
   <source>Export</source>
   <translation>Ausgabe</translation>
  </message>
  <message>
   <source>Questions</source>
   <translation>Rückfragen</translation>
  </message>
  <message>
   <source>&amp;Theme</source>
   <translation>&amp;Farbschema</translation>
  </message>
  <message>
   <source>As the desktop</source>
   <translation>Wie das System</translation>
  </message>
  <message>
   <source>Light</source>
   <translation>Hell</translation>
  </message>
  <message>
   <source>Dark</source>
   <translation>Dunkel</translation>
  </message>
  <message>
   <source>&amp;Language</source>
   <translation>&amp;Sprache</translation>
  </message>
  <message>
   <source>Methods, their parameters and papers stay English.</source>
   <translation>Verfahren, ihre Parameter und Arbeiten bleiben englisch.</translation>
  </message>
  <message>
   <source>Te&amp;xt size</source>
   <translation>Schrift&amp;größe</translation>
  </message>
  <message>
   <source>Of the size that the desktop asks for.</source>
   <translation>Gemessen an der Schriftgröße des Systems.</translation>
  </message>
  <message>
   <source>&amp;Device</source>
   <translation>&amp;Gerät</translation>
  </message>
  <message>
   <source>Automatic where this computer has no such device.</source>
   <translation>Automatisch, wo dieser Rechner kein solches Gerät hat.</translation>
  </message>
  <message>
   <source>&amp;Precision</source>
   <translation>Ge&amp;nauigkeit</translation>
  </message>
  <message>
   <source>double (float64)</source>
   <translation>doppelt (float64)</translation>
  </message>
  <message>
   <source>single (float32)</source>
   <translation>einfach (float32)</translation>
  </message>
  <message>
   <source>&amp;Figures for</source>
   <translation>A&amp;bbildungen für</translation>
  </message>
  <message>
   <source>&amp;Caption as a text file beside a figure</source>
   <translation>Bild&amp;unterschrift als Textdatei neben der Abbildung</translation>
  </message>
  <message>
   <source>&amp;Ask before runs are stopped by closing</source>
   <translation>&amp;Rückfrage, bevor Schließen Läufe anhält</translation>
  </message>
 </context>
 <context>
  <name>SettingsDialog</name>
  <message>
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>&amp;Reset to defaults</source>
   <translation>Alles &amp;zurücksetzen</translation>
  </message>
  <message>
   <source>Layouts, shortcuts and workspaces stay</source>
   <translation>Anordnungen, Tastenkürzel und Arbeitsbereiche bleiben</translation>
  </message>
  <message>
   <source>Automatic</source>
   <translation>Automatisch</translation>
  </message>
  <message>
   <source>After the next start of the program: {0}</source>
   <translation>Ab dem nächsten Start des Programms: {0}</translation>
  </message>
 </context>
 <context>
  <name>ShortcutsDialog</name>
  <message>
   <source>Shortcuts</source>
   <translation>Tastenkürzel</translation>
  </message>
  <message>
   <source>Search</source>
   <translation>Suchen</translation>
  </message>
  <message>
   <source>Search commands and keys</source>
   <translation>Befehle und Tasten suchen</translation>
  </message>
  <message>
   <source>Command</source>
   <translation>Befehl</translation>
  </message>
  <message>
   <source>Keys</source>
   <translation>Tasten</translation>
  </message>
  <message>
   <source>Commands</source>
   <translation>Befehle</translation>
  </message>
  <message>
   <source>&amp;Keys</source>
   <translation>&amp;Tasten</translation>
  </message>
  <message>
   <source>&amp;None</source>
   <translation>&amp;Keine</translation>
  </message>
  <message>
   <source>Take the keys from this command</source>
   <translation>Diesem Befehl die Tasten nehmen</translation>
  </message>
  <message>
   <source>Re&amp;set</source>
   <translation>&amp;Zurücksetzen</translation>
  </message>
  <message>
   <source>Give this command its first keys</source>
   <translation>Diesem Befehl seine ersten Tasten geben</translation>
  </message>
  <message>
   <source>Whether the keys are free</source>
   <translation>Ob die Tasten frei sind</translation>
  </message>
  <message>
   <source>Take the keys</source>
   <translation>Tasten übernehmen</translation>
  </message>
  <message>
   <source>Reset &amp;all</source>
   <translation>&amp;Alle zurücksetzen</translation>
  </message>
  <message>
   <source>Keys of {0}</source>
   <translation>Tasten von {0}</translation>
  </message>
  <message>
   <source>{0} opens the menu {1}; choose other keys.</source>
   <translation>{0} öffnet das Menü {1}; andere Tasten wählen.</translation>
  </message>
  <message>
   <source>{0} belongs to {1}, which would have no keys.</source>
   <translation>{0} gehört zu {1}, das dann keine Tasten hätte.</translation>
  </message>
 </context>
 <context>
  <name>StartPage</name>
  <message>
   <source>Low-rank compression</source>
   <translation>Niedrigrang-Kompression</translation>
  </message>
  <message>
   <source>See what each rank of a picture keeps</source>
   <translation>Sehen, was jeder Rang eines Bildes behält</translation>
  </message>
  <message>
   <source>Optimal transport</source>
   <translation>Optimaler Transport</translation>
  </message>
  <message>
   <source>Carry one cloud of points onto another</source>
   <translation>Eine Punktwolke auf eine andere tragen</translation>
  </message>
  <message>
   <source>PDE solver</source>
   <translation>PDE-Löser</translation>
  </message>
  <message>
   <source>Watch a shear layer roll up into vortices</source>
   <translation>Zusehen, wie eine Scherschicht Wirbel rollt</translation>
  </message>
  <message>
   <source>Diffusion sampler</source>
   <translation>Diffusions-Sampler</translation>
  </message>
  <message>
   <source>Turn noise into samples, step by step</source>
   <translation>Rauschen Schritt für Schritt in Proben wandeln</translation>
  </message>
  <message>
   <source>Methods Workbench</source>
   <translation>Methods Workbench</translation>
  </message>
  <message>
   <source>Click a card: its example is loaded, run and drawn while it runs.</source>
   <translation>Eine Karte anklicken: ihr Beispiel wird geladen, gerechnet und dabei gezeichnet.</translation>
  </message>
  <message>
   <source>All examples…</source>
   <translation>Alle Beispiele…</translation>
  </message>
  <message>
   <source>Every example of every method as a picture card</source>
   <translation>Jedes Beispiel jedes Verfahrens als Bildkarte</translation>
  </message>
  <message>
   <source>Take the tour</source>
   <translation>Rundgang machen</translation>
  </message>
  <message>
   <source>Seven stops: from data to a figure on paper</source>
   <translation>Sieben Stationen: von Daten bis zur Abbildung auf Papier</translation>
  </message>
  <message>
   <source>Open your own data…</source>
   <translation>Eigene Daten öffnen…</translation>
  </message>
  <message>
   <source>Tables, NumPy, HDF5, MATLAB, pictures, meshes; or drop files anywhere.</source>
   <translation>Tabellen, NumPy, HDF5, MATLAB, Bilder, Netze; oder Dateien irgendwo fallen lassen.</translation>
  </message>
  <message>
   <source>Run this example</source>
   <translation>Dieses Beispiel rechnen</translation>
  </message>
 </context>
 <context>
  <name>State</name>
  <message>
   <source>queued</source>
   <translation>wartet</translation>
  </message>
  <message>
   <source>running</source>
   <translation>rechnet</translation>
  </message>
  <message>
   <source>paused</source>
   <translation>angehalten</translation>
  </message>
  <message>
   <source>done</source>
   <translation>fertig</translation>
  </message>
  <message>
   <source>stopped</source>
   <translation>abgebrochen</translation>
  </message>
  <message>
   <source>failed</source>
   <translation>gescheitert</translation>
  </message>
  <message>
   <source>interrupted</source>
   <translation>unterbrochen</translation>
  </message>
  <message>
   <source>unreadable</source>
   <translation>unlesbar</translation>
  </message>
 </context>
 <context>
  <name>Status</name>
  <message>
   <source>Engine is starting…</source>
   <translation>Rechenprozess startet…</translation>
  </message>
  <message>
   <source>Show the queue</source>
   <translation>Warteschlange zeigen</translation>
  </message>
  <message>
   <source>Progress of the run</source>
   <translation>Fortschritt des Laufs</translation>
  </message>
  <message>
   <source>Ready</source>
   <translation>Bereit</translation>
  </message>
  <message>
   <source>{0} active</source>
   <translation>{0} aktiv</translation>
  </message>
  <message>
   <source>{0}: engine {1:.1f} GiB, {2:.1f} of {3:.1f} GiB free</source>
   <translation>{0}: Rechenprozess {1:.1f} GiB, {2:.1f} von {3:.1f} GiB frei</translation>
  </message>
 </context>
 <context>
  <name>StepRow</name>
  <message>
   <source>Move step {0} up</source>
   <translation>Schritt {0} nach oben</translation>
  </message>
  <message>
   <source>Move step {0} down</source>
   <translation>Schritt {0} nach unten</translation>
  </message>
  <message>
   <source>Remove step {0}</source>
   <translation>Schritt {0} entfernen</translation>
  </message>
  <message>
   <source>Draw rows</source>
   <translation>Zeilen ziehen</translation>
  </message>
  <message>
   <source>Rows by chance, in their order; a seed always draws the same ones</source>
   <translation>Zufällige Zeilen in ihrer Reihenfolge; ein Startwert zieht immer dieselben</translation>
  </message>
  <message>
   <source>Rows of step {0}</source>
   <translation>Zeilen von Schritt {0}</translation>
  </message>
  <message>
   <source>Seed of step {0}</source>
   <translation>Startwert von Schritt {0}</translation>
  </message>
  <message>
   <source>rows, seed</source>
   <translation>Zeilen, Startwert</translation>
  </message>
  <message>
   <source>One row of</source>
   <translation>Eine Zeile von</translation>
  </message>
  <message>
   <source>Pace of step {0}</source>
   <translation>Schrittweite von Schritt {0}</translation>
  </message>
  <message>
   <source>Crop</source>
   <translation>Zuschneiden</translation>
  </message>
  <message>
   <source>Places are counted from 0; the last number is the first left out</source>
   <translation>Stellen werden ab 0 gezählt; die letzte Zahl gehört nicht mehr dazu</translation>
  </message>
  <message>
   <source>Standardise</source>
   <translation>Standardisieren</translation>
  </message>
  <message>
   <source>Each column by itself, a picture as a whole; NaN stays.
Two data sets of a run are standardised each by itself, not together.</source>
   <translation>Jede Spalte für sich, ein Bild als Ganzes; NaN bleibt.
Zwei Datensätze eines Laufs werden jeder für sich standardisiert, nicht gemeinsam.</translation>
  </message>
  <message>
   <source>mean 0, variance 1</source>
   <translation>Mittel 0, Varianz 1</translation>
  </message>
  <message>
   <source>mean 0</source>
   <translation>Mittel 0</translation>
  </message>
  <message>
   <source>from 0 to 1</source>
   <translation>von 0 bis 1</translation>
  </message>
  <message>
   <source>Scale of step {0}</source>
   <translation>Skala von Schritt {0}</translation>
  </message>
  <message>
   <source>axis {0}</source>
   <translation>Achse {0}</translation>
  </message>
  <message>
   <source>Start along axis %d of step {0}</source>
   <translation>Anfang entlang Achse %d von Schritt {0}</translation>
  </message>
  <message>
   <source>End along axis %d of step {0}</source>
   <translation>Ende entlang Achse %d von Schritt {0}</translation>
  </message>
  <message>
   <source>end</source>
   <translation>Ende</translation>
  </message>
  <message>
   <source>to</source>
   <translation>bis</translation>
  </message>
 </context>
 <context>
  <name>StepsDialog</name>
  <message>
   <source>Steps of {0}</source>
   <translation>Schritte für {0}</translation>
  </message>
  <message>
   <source>Use</source>
   <translation>Verwenden</translation>
  </message>
  <message>
   <source>The steps are done in this order. They become part of the reference, so that a record, its script and the command line repeat them.</source>
   <translation>Die Schritte werden in dieser Reihenfolge ausgeführt. Sie gehören zum Bezug, sodass Aufzeichnung, Skript und Kommandozeile sie wiederholen.</translation>
  </message>
  <message>
   <source>&amp;Reference</source>
   <translation>&amp;Bezug</translation>
  </message>
 </context>
 <context>
  <name>StepsPart</name>
  <message>
   <source>No steps: the data are taken as they are.</source>
   <translation>Keine Schritte: Die Daten werden genommen, wie sie sind.</translation>
  </message>
  <message>
   <source>Add</source>
   <translation>Hinzufügen</translation>
  </message>
  <message>
   <source>Draw ro&amp;ws</source>
   <translation>Zeilen &amp;ziehen</translation>
  </message>
  <message>
   <source>&amp;Every k-th row</source>
   <translation>&amp;Jede k-te Zeile</translation>
  </message>
  <message>
   <source>S&amp;tandardise</source>
   <translation>St&amp;andardisieren</translation>
  </message>
  <message>
   <source>&amp;Crop</source>
   <translation>Zu&amp;schneiden</translation>
  </message>
 </context>
 <context>
  <name>SweepDialog</name>
  <message>
   <source>All combinations</source>
   <translation>Alle Kombinationen</translation>
  </message>
  <message>
   <source>Evenly scattered places (Sobol)</source>
   <translation>Gleichmäßig verstreute Stellen (Sobol)</translation>
  </message>
  <message>
   <source>Random places</source>
   <translation>Zufällige Stellen</translation>
  </message>
  <message>
   <source>Search for the best place (Optuna)</source>
   <translation>Suche nach der besten Stelle (Optuna)</translation>
  </message>
  <message>
   <source>Lower is better</source>
   <translation>Kleiner ist besser</translation>
  </message>
  <message>
   <source>Higher is better</source>
   <translation>Größer ist besser</translation>
  </message>
  <message>
   <source>Run over several values</source>
   <translation>Reihe von Werten rechnen</translation>
  </message>
  <message>
   <source> places</source>
   <translation> Stellen</translation>
  </message>
  <message>
   <source>The first ten are drawn by chance</source>
   <translation>Die ersten zehn werden zufällig gezogen</translation>
  </message>
  <message>
   <source>Which way is better?</source>
   <translation>Was ist besser?</translation>
  </message>
  <message>
   <source>Each place is run with this many seeds, for averages</source>
   <translation>Jede Stelle wird mit so vielen Startwerten gerechnet, für Mittelwerte</translation>
  </message>
  <message>
   <source>&amp;Take</source>
   <translation>&amp;Nehmen</translation>
  </message>
  <message>
   <source>&amp;Places</source>
   <translation>S&amp;tellen</translation>
  </message>
  <message>
   <source>&amp;Metric</source>
   <translation>&amp;Kennzahl</translation>
  </message>
  <message>
   <source>&amp;Better</source>
   <translation>&amp;Besser</translation>
  </message>
  <message>
   <source>&amp;At most</source>
   <translation>&amp;Höchstens</translation>
  </message>
  <message>
   <source>&amp;Seeds</source>
   <translation>&amp;Startwerte</translation>
  </message>
  <message>
   <source>Values as 0.1, 0.5 or as a range 0.1:1:5 of five. Empty: it stays as it is.</source>
   <translation>Werte wie 0.1, 0.5 oder als Bereich 0.1:1:5 aus fünf. Leer: bleibt, wie es ist.</translation>
  </message>
  <message>
   <source>Run</source>
   <translation>Rechnen</translation>
  </message>
  <message>
   <source>At most {0} runs</source>
   <translation>Höchstens {0} Läufe</translation>
  </message>
  <message>
   <source>{0} runs</source>
   <translation>{0} Läufe</translation>
  </message>
  <message>
   <source>One run; give further values or seeds.</source>
   <translation>Ein Lauf; weitere Werte oder Startwerte angeben.</translation>
  </message>
  <message>
   <source>, about {0}</source>
   <translation>, etwa {0}</translation>
  </message>
  <message>
   <source>Search</source>
   <translation>Suchen</translation>
  </message>
  <message>
   <source>Run {0}</source>
   <translation>{0} rechnen</translation>
  </message>
  <message>
   <source>Parameter</source>
   <translation>Parameter</translation>
  </message>
  <message>
   <source>Now</source>
   <translation>Jetzt</translation>
  </message>
  <message>
   <source>Values</source>
   <translation>Werte</translation>
  </message>
  <message>
   <source>Parameters that can vary</source>
   <translation>Parameter, die sich ändern können</translation>
  </message>
  <message>
   <source>automatic</source>
   <translation>automatisch</translation>
  </message>
  <message>
   <source>A search for the best place needs Optuna: {0}</source>
   <translation>Die Suche nach der besten Stelle braucht Optuna: {0}</translation>
  </message>
  <message>
   <source>time of the run</source>
   <translation>Dauer des Laufs</translation>
  </message>
  <message>
   <source>Type values for at least one parameter, or more seeds.</source>
   <translation>Werte für mindestens einen Parameter eingeben, oder mehr Startwerte.</translation>
  </message>
  <message>
   <source>Say whether lower or higher is better.</source>
   <translation>Bitte angeben, ob kleiner oder größer besser ist.</translation>
  </message>
  <message>
   <source>Type the range of at least one parameter, such as 0.01:1.</source>
   <translation>Bitte für mindestens einen Parameter einen Bereich eingeben, etwa 0.01:1.</translation>
  </message>
 </context>
 <context>
  <name>SweepPane</name>
  <message>
   <source>Runs of the sweep</source>
   <translation>Läufe der Reihe</translation>
  </message>
  <message>
   <source>Average over seeds</source>
   <translation>Über Startwerte mitteln</translation>
  </message>
  <message>
   <source>Metric that is drawn</source>
   <translation>Gezeichnete Kennzahl</translation>
  </message>
  <message>
   <source>Parameter along which it is drawn</source>
   <translation>Parameter, über dem gezeichnet wird</translation>
  </message>
  <message>
   <source>Parallel axes</source>
   <translation>Parallele Achsen</translation>
  </message>
  <message>
   <source>Draw every run across one axis for each parameter and metric</source>
   <translation>Jeden Lauf über je eine Achse für jeden Parameter und jede Kennzahl zeichnen</translation>
  </message>
  <message>
   <source>Copy as CSV</source>
   <translation>Als CSV kopieren</translation>
  </message>
  <message>
   <source>Stop the search</source>
   <translation>Suche beenden</translation>
  </message>
  <message>
   <source>End it with the run that goes on; what it found stays</source>
   <translation>Beendet sie mit dem laufenden Lauf; was sie fand, bleibt</translation>
  </message>
  <message>
   <source>No sweep yet. Run › Run over several values… starts one.</source>
   <translation>Noch keine Reihe. Rechnen › Reihe von Werten rechnen… beginnt eine.</translation>
  </message>
  <message>
   <source>along</source>
   <translation>über</translation>
  </message>
  <message>
   <source>the search</source>
   <translation>der Suche</translation>
  </message>
  <message>
   <source>Seed</source>
   <translation>Startwert</translation>
  </message>
  <message>
   <source>State</source>
   <translation>Zustand</translation>
  </message>
  <message>
   <source>{0}, best</source>
   <translation>{0}, am besten</translation>
  </message>
  <message>
   <source>{0} of {1} runs</source>
   <translation>{0} von {1} Läufen</translation>
  </message>
  <message>
   <source>{0}, best {1} = {2}</source>
   <translation>{0}, am besten: {1} = {2}</translation>
  </message>
 </context>
 <context>
  <name>ToolBar</name>
  <message>
   <source>Tools</source>
   <translation>Werkzeuge</translation>
  </message>
  <message>
   <source>Region</source>
   <translation>Bereich</translation>
  </message>
  <message>
   <source>drag a rectangle or an interval to get its statistics</source>
   <translation>ein Rechteck oder Intervall ziehen, um seine Statistik zu sehen</translation>
  </message>
  <message>
   <source>Line profile</source>
   <translation>Linienprofil</translation>
  </message>
  <message>
   <source>drag a line to see the values along it</source>
   <translation>eine Linie ziehen, um die Werte darauf zu sehen</translation>
  </message>
  <message>
   <source>Ruler</source>
   <translation>Lineal</translation>
  </message>
  <message>
   <source>drag to measure distance and angle</source>
   <translation>ziehen, um Abstand und Winkel zu messen</translation>
  </message>
  <message>
   <source>Annotate</source>
   <translation>Beschriften</translation>
  </message>
  <message>
   <source>drag from a place to where the words shall stand</source>
   <translation>von einer Stelle dorthin ziehen, wo die Wörter stehen sollen</translation>
  </message>
  <message>
   <source>{0}. Return puts one into the middle, Esc ends.</source>
   <translation>{0}. Eingabe setzt eins in die Mitte, Esc beendet.</translation>
  </message>
 </context>
 <context>
  <name>Tools</name>
  <message>
   <source>This picture is in no record.</source>
   <translation>Dieses Bild ist in keiner Aufzeichnung.</translation>
  </message>
  <message>
   <source>Panels in space are not measured.</source>
   <translation>Räumliche Felder werden nicht vermessen.</translation>
  </message>
  <message>
   <source>There are no values.</source>
   <translation>Es gibt keine Werte.</translation>
  </message>
  <message>
   <source>There is no image.</source>
   <translation>Es gibt kein Bild.</translation>
  </message>
 </context>
 <context>
  <name>Tour</name>
  <message>
   <source>Data</source>
   <translation>Daten</translation>
  </message>
  <message>
   <source>Open files here, or drop them anywhere on the window. The samples below are built in.</source>
   <translation>Hier Dateien öffnen oder irgendwo ins Fenster fallen lassen. Die Beispiele darunter sind mitgeliefert.</translation>
  </message>
  <message>
   <source>Method</source>
   <translation>Verfahren</translation>
  </message>
  <message>
   <source>Choose what to do with them. Methods that fit the data stand out; below you read what a method does and from which paper it comes.</source>
   <translation>Wählen, was damit geschehen soll. Verfahren, die zu den Daten passen, heben sich ab; darunter steht, was ein Verfahren tut und aus welcher Arbeit es stammt.</translation>
  </message>
  <message>
   <source>Parameters</source>
   <translation>Parameter</translation>
  </message>
  <message>
   <source>Say which data go where, or choose an example, and set the parameters. Every one has a default that works.</source>
   <translation>Angeben, welche Daten wohin gehören, oder ein Beispiel wählen, und die Parameter setzen. Jeder hat eine brauchbare Vorgabe.</translation>
  </message>
  <message>
   <source>Run</source>
   <translation>Rechnen</translation>
  </message>
  <message>
   <source>Press Run. Below you see how far it got; a run can be paused, and stopped without losing what it found.</source>
   <translation>Rechnen drücken. Darunter steht, wie weit es ist; ein Lauf lässt sich unterbrechen und anhalten, ohne zu verlieren, was er fand.</translation>
  </message>
  <message>
   <source>Plots</source>
   <translation>Bilder</translation>
  </message>
  <message>
   <source>The pictures are drawn here while the run goes on: drag to move, turn the wheel to zoom, press Space to play a movie.</source>
   <translation>Hier entstehen die Bilder, während gerechnet wird: ziehen verschiebt, das Rad vergrößert, die Leertaste spielt einen Film ab.</translation>
  </message>
  <message>
   <source>Compare</source>
   <translation>Vergleichen</translation>
  </message>
  <message>
   <source>Every run is kept here. Select two and press Compare to set them side by side.</source>
   <translation>Jeder Lauf bleibt hier. Zwei wählen und Vergleichen drücken stellt sie nebeneinander.</translation>
  </message>
  <message>
   <source>Export</source>
   <translation>Ausgabe</translation>
  </message>
  <message>
   <source>Figure › Export puts the picture on show on paper: PDF, SVG, PNG or a movie. F1 opens the manual wherever you are.</source>
   <translation>Abbildung › Ausgeben bringt das gezeigte Bild zu Papier: PDF, SVG, PNG oder ein Film. F1 öffnet überall das Handbuch.</translation>
  </message>
 </context>
 <context>
  <name>Turntable</name>
  <message>
   <source>Drag to turn, double-click to turn back</source>
   <translation>Ziehen dreht, Doppelklick dreht zurück</translation>
  </message>
 </context>
 <context>
  <name>Words</name>
  <message>
   <source>Skip</source>
   <translation>Überspringen</translation>
  </message>
  <message>
   <source>End the tour (Escape); it waits in the Help menu</source>
   <translation>Rundgang beenden (Escape); er steht im Menü Hilfe</translation>
  </message>
  <message>
   <source>Back</source>
   <translation>Zurück</translation>
  </message>
  <message>
   <source>Next</source>
   <translation>Weiter</translation>
  </message>
  <message>
   <source>Done</source>
   <translation>Fertig</translation>
  </message>
 </context>
 <context>
  <name>WordsEditor</name>
  <message>
   <source>Words of the annotation</source>
   <translation>Wörter der Beschriftung</translation>
  </message>
  <message>
   <source>Words, then Return</source>
   <translation>Wörter, dann Eingabetaste</translation>
  </message>
 </context>
 <context>
  <name>Workspaces</name>
  <message>
   <source>Open a workspace</source>
   <translation>Arbeitsbereich öffnen</translation>
  </message>
  <message>
   <source>This is the workspace already.</source>
   <translation>Das ist der Arbeitsbereich schon.</translation>
  </message>
  <message>
   <source>{0} is no folder that can be written to; choose another workspace.</source>
   <translation>{0} ist kein Ordner, in den geschrieben werden kann; einen anderen Arbeitsbereich wählen.</translation>
  </message>
  <message>
   <source>Runs are going on</source>
   <translation>Es wird noch gerechnet</translation>
  </message>
  <message>
   <source>Open {0} in a window of its own?</source>
   <translation>{0} in einem eigenen Fenster öffnen?</translation>
  </message>
  <message>
   <source>{0} run(s) go on in this one. Here they would be stopped; what they found so far would be kept in their records.</source>
   <translation>Laufende Läufe in diesem Fenster: {0}. Hier würden sie angehalten; was sie bisher fanden, bliebe in ihren Aufzeichnungen.</translation>
  </message>
  <message>
   <source>&amp;New window</source>
   <translation>&amp;Neues Fenster</translation>
  </message>
  <message>
   <source>&amp;Stop them and open here</source>
   <translation>&amp;Anhalten und hier öffnen</translation>
  </message>
 </context>
 <context>
  <name>ZoomHistory</name>
  <message>
   <source>Previous view</source>
   <translation>Vorige Ansicht</translation>
  </message>
  <message>
   <source>Next view</source>
   <translation>Nächste Ansicht</translation>
  </message>
 </context>
 <context>
  <name>_Change</name>
  <message>
   <source>annotation</source>
   <translation>Beschriftung</translation>
  </message>
 </context>
 <context>
  <name>bill</name>
  <message>
   <source>about {0}</source>
   <translation>etwa {0}</translation>
  </message>
  <message>
   <source>under 1 s</source>
   <translation>unter 1 s</translation>
  </message>
  <message>
   <source>{0} file</source>
   <translation>Datei {0}</translation>
  </message>
 </context>
 <context>
  <name>docks</name>
  <message>
   <source>Data</source>
   <translation>Daten</translation>
  </message>
  <message>
   <source>Methods</source>
   <translation>Verfahren</translation>
  </message>
  <message>
   <source>Parameters</source>
   <translation>Parameter</translation>
  </message>
  <message>
   <source>Run</source>
   <translation>Rechnen</translation>
  </message>
  <message>
   <source>Results</source>
   <translation>Ergebnisse</translation>
  </message>
  <message>
   <source>Inspector</source>
   <translation>Inspektor</translation>
  </message>
  <message>
   <source>Sweep</source>
   <translation>Reihe</translation>
  </message>
  <message>
   <source>Log</source>
   <translation>Protokoll</translation>
  </message>
 </context>
 <context>
  <name>menus</name>
  <message>
   <source>About</source>
   <translation>Über</translation>
  </message>
  <message>
   <source>Recent methods of low-rank compression, optimal transport, PDE solving and diffusion sampling, ready to use.

BSD 3-Clause licence. Uses Qt through PySide6 under the LGPL 3; Qt is a separate library that you can replace. Sends nothing anywhere.</source>
   <translation>Neuere Verfahren der Niedrigrang-Kompression, des optimalen Transports, für partielle Differentialgleichungen und für Diffusionsmodelle, fertig zum Gebrauch.

Lizenz BSD 3-Clause. Benutzt Qt über PySide6 unter der LGPL 3; Qt ist eine eigene Bibliothek, die ausgetauscht werden kann. Sendet nichts.</translation>
  </message>
 </context>
 <context>
  <name>rescue</name>
  <message>
   <source>Save the record</source>
   <translation>Aufzeichnung speichern</translation>
  </message>
 </context>
</TS>
