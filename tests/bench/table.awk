# SPDX-License-Identifier: GPL-2.0
#
# Lines of ROW, COLUMN and VALUE, with tabs between them, as a table that is both text
# and Markdown. Rows and columns come in the order in which they are first named.
# corner: what the rows are. What there is no value for gets a dash.

BEGIN { FS = "\t" }

{
	if (!($1 in row)) { row[$1] = ++rows; rows_by[rows] = $1 }
	if (!($2 in column)) { column[$2] = ++columns; columns_by[columns] = $2 }
	value[$1, $2] = $3
}

function cell(i, j)
{
	if (i == 0)
		return j ? columns_by[j] : corner
	if (j == 0)
		return rows_by[i]
	return (rows_by[i], columns_by[j]) in value ? value[rows_by[i], columns_by[j]] : "-"
}

function rule(width,    s)
{
	s = sprintf("%*s", width, "")
	gsub(/ /, "-", s)
	return s
}

END {
	if (!rows)
		exit
	for (j = 0; j <= columns; j++)
		for (i = 0; i <= rows; i++)
			if (length(cell(i, j)) > width[j])
				width[j] = length(cell(i, j))
	for (i = 0; i <= rows; i++) {
		for (j = 0; j <= columns; j++)
			printf "| %*s ", j ? width[j] : -width[j], cell(i, j)
		print "|"
		if (i)
			continue
		for (j = 0; j <= columns; j++)
			printf j ? "|-%s:" : "|-%s-", rule(width[j])
		print "|"
	}
	print ""
}
