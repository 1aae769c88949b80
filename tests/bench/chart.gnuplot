# SPDX-License-Identifier: GPL-2.0
#
# Four bar charts in one picture, as SVG and PNG. data: their figures, one block of
# lines each; label: what they are; out: the pictures' name.

titles = "'4 KiB random read' '4 KiB random write' '1 MiB sequential read' '1 MiB sequential write'"
array colours[4] = ["#0b5394", "#6fa8dc", "#b45f06", "#f6b26b"]
array names[4] = ["direct", "direct, 32 under way", "buffered", "buffered, 32 under way"]

do for [kind in "svg png"] {
	if (kind eq "svg") {
		set terminal svg size 1200,900 font "Sans,13" background "white"
	} else {
		set terminal pngcairo size 1200,900 font "Sans,11"
	}
	set output out . "." . kind
	set multiplot layout 2,2 title label . " (less is better)"
	set style data histograms
	set style histogram clustered gap 1
	set style fill solid
	set boxwidth 0.9
	set grid ytics
	set yrange [0:*]
	set xtics rotate by -35 scale 0
	set rmargin 9
	do for [i = 1:4] {
		set title word(titles, i)
		if (i == 1) {
			set key top left
		} else {
			unset key
		}
		plot for [j = 1:4] data index i - 1 using (column(j + 1)):xtic(1) \
			title names[j] linecolor rgb colours[j]
	}
	unset multiplot
	unset output
}
