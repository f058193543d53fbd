/* SPDX-License-Identifier: Apache-2.0 */
#include "palaverctl/cli.h"

int main(int argc, char **argv)
{
	return pal_cli_main(argc, argv);
}
