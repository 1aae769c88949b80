// SPDX-License-Identifier: GPL-2.0-or-later
// forge: seals what no program of ours would, as somebody can who has the keys.
//
//   forge VOLUME PASSPHRASE-FILE name|link [DIR-LINK] <TEXT
//
// prints the sealed text: as a name in the directory whose nonce is in DIR-LINK, a
// target of .dcryptfs.dir; or as the target of a link.
//
//   forge VOLUME PASSPHRASE-FILE keys HEADER...
//
// prints the volume's keys, and those of the files with these headers.
//
//   forge PASSPHRASE-FILE ecryptfs LOWER-FILE...
//
// the same of eCryptfs.
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <string>

#include "lib/base64url.h"
#include "lib/dir_id.h"
#include "lib/error.h"
#include "lib/passphrase.h"
#include "lib/seal.h"
#include "lib/sealed_value.h"
#include "lib/volume.h"
#include "testing/forge/keys.h"

namespace dcryptfs {

namespace {

std::string forge(std::span<char*> args) {
    PassphraseSource source;
    if (std::string(args[2]) == "ecryptfs") {
        source.file = args[1];
        return list_ecryptfs_keys_in_memory(read_passphrase(source, "", "", ""), args.subspan(3));
    }
    source.file = args[2];
    const Volume volume = load_volume(args[1]);
    const Secret passphrase = read_passphrase(source, volume.dir, "", "");
    if (std::string(args[3]) == "keys") {
        return list_keys_in_memory(volume, passphrase, args.subspan(4));
    }
    const auto sealer = open_names(volume, passphrase);
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    if (std::string(args[3]) == "link") {
        return seal_target(*sealer, SealNonce{}, text);
    }
    const SealNonce nonce = parse_dir_id(*sealer, args[4], "the nonce");
    return to_base64url(sealer->seal(SealKind::name, nonce, as_bytes(text)));
}

}  // namespace

}  // namespace dcryptfs

int main(int argc, char** argv) {
    try {
        if (argc < 4) {
            std::cerr << "usage: see the source\n";
            return EXIT_FAILURE;
        }
        std::cout << dcryptfs::forge({argv, static_cast<std::size_t>(argc)}) << '\n';
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
